"""What changed in an object, field by field: who, when, from what to what. docs/history.md.

`differences` compares and folds (pure), `recording` is for commands, `reading` tells.
"""

from otsp_chassis.history.differences import Concealed, FieldChange, differences
from otsp_chassis.history.recording import Subject, conceal, record

__all__ = ["Concealed", "FieldChange", "Subject", "conceal", "differences", "record"]
