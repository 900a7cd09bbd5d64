"""Sets institutions to rights: opens, answers, verifies and waives rectification tasks (整改)."""

from otsp_compliance.commands.rectification.answering import (
    EvidenceMissing,
    StepAnswer,
    record_step,
    submit_rectification,
)
from otsp_compliance.commands.rectification.batches import NewBatch, open_batch
from otsp_compliance.commands.rectification.issuing import (
    InstitutionUnknown,
    NewRectification,
    follow_profile,
    open_for_publication,
    open_for_return,
    open_rectification,
)
from otsp_compliance.commands.rectification.moves import as_closed, as_opened
from otsp_compliance.commands.rectification.verifying import (
    Closure,
    close_rectification,
    close_verified,
    send_back,
)
from otsp_compliance.commands.rectification.watching import mark_overdue, remind_of_due_days

__all__ = [
    "Closure",
    "EvidenceMissing",
    "InstitutionUnknown",
    "NewBatch",
    "NewRectification",
    "StepAnswer",
    "as_closed",
    "as_opened",
    "close_rectification",
    "close_verified",
    "follow_profile",
    "mark_overdue",
    "open_batch",
    "open_for_publication",
    "open_for_return",
    "open_rectification",
    "record_step",
    "remind_of_due_days",
    "send_back",
    "submit_rectification",
]
