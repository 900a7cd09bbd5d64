"""The compliance service's tables, and the transitions of what they hold."""

from otsp_compliance.model.applications import ActionImpossible, Application, FilingCounter
from otsp_compliance.model.cases import (
    CaseAlreadyDecided,
    CaseStep,
    CaseTransfer,
    ReviewCase,
)
from otsp_compliance.model.clocks import CaseClock, ClockPause
from otsp_compliance.model.decisions import Decision
from otsp_compliance.model.deregistrations import ClosingStep, Deregistration
from otsp_compliance.model.gathering import (
    Finding,
    GatheredSection,
    Gathering,
    Snapshot,
    SnapshotPart,
)
from otsp_compliance.model.leases import CaseAssignment
from otsp_compliance.model.notices import Notice, NoticeItem
from otsp_compliance.model.publications import ReEvaluation, ReEvaluationResult, RulePublication
from otsp_compliance.model.receipts import Receipt, ReceiptPrint, ReceiptRevocation
from otsp_compliance.model.rectifications import (
    Rectification,
    RectificationMove,
    RectificationOver,
    RectificationStep,
)
from otsp_compliance.model.references import (
    AuthorityRef,
    InstitutionRef,
    LeaveCoverRef,
    RecoveryRef,
    RelocationRef,
)
from otsp_compliance.model.region import (
    ConfigurationChange,
    RegionConfiguration,
    RegionParameterSet,
    RoutingRuleRow,
    WorkingYear,
)
from otsp_compliance.model.register import ListEntry, OpenDataFile, PublicPictures, RegisterEntry
from otsp_compliance.model.schema import Base, Document
from otsp_compliance.model.statistics import (
    CoursesCountersRef,
    FrozenFigure,
    InstitutionCountersRef,
    MaterialsCountersRef,
    MonthPublication,
    StaffCountersRef,
    StatisticMonth,
)
from otsp_compliance.model.transparency import LogEntry, LogHead

__all__ = [
    "ActionImpossible",
    "Application",
    "AuthorityRef",
    "Base",
    "CaseAlreadyDecided",
    "CaseAssignment",
    "CaseClock",
    "CaseStep",
    "CaseTransfer",
    "ClockPause",
    "ClosingStep",
    "ConfigurationChange",
    "CoursesCountersRef",
    "Decision",
    "Deregistration",
    "Document",
    "FilingCounter",
    "Finding",
    "FrozenFigure",
    "GatheredSection",
    "Gathering",
    "InstitutionCountersRef",
    "InstitutionRef",
    "LeaveCoverRef",
    "ListEntry",
    "LogEntry",
    "LogHead",
    "MaterialsCountersRef",
    "MonthPublication",
    "Notice",
    "NoticeItem",
    "OpenDataFile",
    "PublicPictures",
    "ReEvaluation",
    "ReEvaluationResult",
    "Receipt",
    "ReceiptPrint",
    "ReceiptRevocation",
    "RecoveryRef",
    "Rectification",
    "RectificationMove",
    "RectificationOver",
    "RectificationStep",
    "RegionConfiguration",
    "RegionParameterSet",
    "RegisterEntry",
    "RelocationRef",
    "ReviewCase",
    "RoutingRuleRow",
    "RulePublication",
    "Snapshot",
    "SnapshotPart",
    "StaffCountersRef",
    "StatisticMonth",
    "WorkingYear",
]
