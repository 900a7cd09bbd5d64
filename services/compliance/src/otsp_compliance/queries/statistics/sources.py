"""Where each figure comes from: what is counted of every institution, in columns that add up.

Compliance's own tables and what owners told of their counters; nobody else's tables.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Select

from otsp_compliance.queries.statistics import casework, counted, recoveries
from otsp_compliance.rules.statistics.span import Span

SOURCES: Final[Mapping[str, Callable[[Span], Select[Any]]]] = {
    "institutions": casework.institutions,
    "applications": casework.applications,
    "rectifications": casework.rectifications,
    "deregistrations": casework.deregistrations,
    "qualification": casework.qualification,
    "funds": counted.funds,
    "staff": counted.staff,
    "materials": counted.materials,
    "classes": counted.classes,
    "failed_rules": casework.failed_rules,
    "licences": counted.licences,
    "sites": counted.sites,
    "systems": counted.systems,
    "workload": casework.workload,
    "recoveries": recoveries.recoveries,
}
"""By the name of the figure."""
