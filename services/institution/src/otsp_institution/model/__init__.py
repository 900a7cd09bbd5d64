"""The tables of the institution service; the institution itself with its transitions."""

from otsp_institution.model.cases import (
    CaseRef,
    PublicPictureRef,
    RectificationRef,
    ReviewSeat,
)
from otsp_institution.model.documents import AuditReport, OtherDoc, Party
from otsp_institution.model.funds import (
    BasicAccount,
    FeeItem,
    FundsStatement,
    ServiceContract,
    Supervision,
)
from otsp_institution.model.licences import Certificate, FormerLicence, SchoolLicence
from otsp_institution.model.measures import StandingMeasure
from otsp_institution.model.proposals import FiledChange, ProposedChange
from otsp_institution.model.registry import Institution
from otsp_institution.model.schema import Base, CountersTold, Item, SectionCount, Sheet
from otsp_institution.model.totals import CoursesCountersRef, StaffCountersRef

__all__ = [
    "AuditReport",
    "Base",
    "BasicAccount",
    "CaseRef",
    "Certificate",
    "CountersTold",
    "CoursesCountersRef",
    "FeeItem",
    "FiledChange",
    "FormerLicence",
    "FundsStatement",
    "Institution",
    "Item",
    "OtherDoc",
    "Party",
    "ProposedChange",
    "PublicPictureRef",
    "RectificationRef",
    "ReviewSeat",
    "SchoolLicence",
    "SectionCount",
    "ServiceContract",
    "Sheet",
    "StaffCountersRef",
    "StandingMeasure",
    "Supervision",
]
