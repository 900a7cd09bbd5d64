"""A PostgreSQL server of this checkout's own, on loopback: the demo's and the tests'."""

from otsp_local.postgres.databases import ServiceDatabase
from otsp_local.postgres.server import LocalPostgres

__all__ = ["LocalPostgres", "ServiceDatabase"]
