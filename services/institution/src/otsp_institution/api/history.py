"""What changed in the institution and its parts: change by change, and between two moments."""

from otsp_chassis.history.operations import HistoryOperations
from otsp_institution.queries.history import view_of
from otsp_institution.rules.labels import LABELS

_history = HistoryOperations(LABELS, view_of)

list_changes, list_differences = _history.list_changes, _history.list_differences
