"""Party building, typed attachments, audit reports."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from otsp_institution.rules.rows.row import Part


class ActivityRecord(TypedDict):
    """What the party body held on a day, with a paper or picture of it."""

    date: str
    title: str
    file_id: str | None


@dataclass(frozen=True, slots=True)
class PartyRow(Part):
    """Party building (党建情况)."""

    version: int
    member_count: int | None
    probationary_count: int | None
    org_form: str | None
    org_name: str | None
    parent_org: str | None
    founded_on: date | None
    secretary_name: str | None
    secretary_mobile: str | None
    secretary_in_board: bool | None
    charter_has_party: bool | None
    instructor_assigned: bool | None
    instructor_name: str | None
    activity_records: list[ActivityRecord] | None


@dataclass(frozen=True, slots=True)
class OtherDocRow(Part):
    """A typed attachment (其他资料)."""

    doc_id: UUID
    version: int
    doc_type: str
    title: str | None
    file_id: UUID | None
    issued_on: date | None
    valid_to: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AuditReportRow(Part):
    """The audit report (年度审计报告) of one year."""

    audit_report_id: UUID
    version: int
    year: int
    file_id: UUID | None
