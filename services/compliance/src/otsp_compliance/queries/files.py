"""Which files compliance's rows name, and who may look at them."""

from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.file_scope import FileScope
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_chassis.references import Reference
from otsp_chassis.unnamed_files import NamedFiles
from otsp_compliance.model import (
    Deregistration,
    Gathering,
    InstitutionRef,
    Notice,
    NoticeItem,
    RectificationStep,
    ReviewCase,
)
from otsp_compliance.model.cases import COMPLIANCE, DEREGISTRATION, OPEN
from otsp_compliance.queries.visibility import require_authority

_IS_HANDED_IN = (
    select(Notice.notice_id)
    .where(Notice.notice_id == NoticeItem.notice_id, Notice.answered_on.is_not(None))
    .exists()
)

REFERENCES = (
    Reference(RectificationStep.file_ids),
    Reference(Deregistration.closing, is_sensitive=True),
    Reference(NoticeItem.answer_file_ids, shown=_IS_HANDED_IN),
    Reference(Gathering.closing, is_sensitive=True, shown=Gathering.application_id.is_not(None)),
)
"""Closing papers show accounts and who keeps the records; those of a self-check are nobody else's
business.
"""

NAMED = NamedFiles(REFERENCES)
_EXAMINED_IN = (COMPLIANCE, DEREGISTRATION)


def _open_case(tx: Reader, principal: Principal, institution_id: UUID) -> UUID | None:
    """The authority that has a case sees it from wherever it was handed over (转办)."""
    if principal.authority is None:
        principal.require_own(institution_id)
        return None
    authority = require_authority(principal)
    lying_here = select(ReviewCase.case_id).where(
        ReviewCase.institution_id == institution_id,
        ReviewCase.authority_id == authority.authority_id,
        ReviewCase.state == OPEN,
        ReviewCase.kind.in_(_EXAMINED_IN),
    )
    case_id = tx.execute(lying_here.order_by(ReviewCase.case_id).limit(1)).scalar()
    if case_id is None:
        known = select(InstitutionRef.region_code).where(
            InstitutionRef.institution_id == institution_id
        )
        region_code = tx.execute(known).scalar()
        if region_code is None:
            raise NotFound
        principal.require_jurisdiction(region_code)
    return case_id


FILES = FileScope(REFERENCES, _open_case)
