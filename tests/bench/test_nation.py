"""A few dozen institutions in the six true schemas: what people see of them through the API."""

import importlib
from collections import Counter
from statistics import mean

import psycopg
import pytest

from bench.distribution import Distribution, quantile
from bench.nation import populate
from bench.patterns import NOT_MADE, SPREADS, enter_patterns
