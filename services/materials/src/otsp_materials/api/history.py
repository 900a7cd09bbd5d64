"""What changed in materials: change by change, and between two moments."""

from otsp_chassis.history.operations import HistoryOperations
from otsp_materials.queries.history import view_of
from otsp_materials.rules.labels import HISTORY_LABELS

_history = HistoryOperations(HISTORY_LABELS, view_of)

list_changes, list_differences = _history.list_changes, _history.list_differences
