"""The rules as they are published: what code says, amended by what was put in force."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.statements import Read
from otsp_compliance.model import RulePublication
from otsp_compliance.rules.catalogue import all_rules, catalogue, closing_catalogue
from otsp_compliance.rules.publication import Publication, amended
from otsp_compliance.rules.registry import Catalogue, Severity


@dataclass(frozen=True, slots=True)
class Published:
    """A publication with what is told about it."""

    publication_id: UUID
    publication: Publication
    reason: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The publications that were regarded, and the catalogues that come of them."""

    publications: Sequence[Published]

    @property
    def applications(self) -> Catalogue:
        """What applications and self-checks are judged by."""
        return self._amended(catalogue())

    @property
    def closings(self) -> Catalogue:
        """What deregistrations are judged by."""
        return self._amended(closing_catalogue())

    @property
    def everything(self) -> Catalogue:
        """Both, to be read about."""
        return self._amended(all_rules())

    def without(self, publication_id: UUID) -> "Rulebook":
        """As if that publication had not been."""
        return Rulebook([one for one in self.publications if one.publication_id != publication_id])

    def published(self, rule_id: str, effective_from: date | None) -> Published | None:
        """The publication that put a rule in force on that first day; None where the code did."""
        for one in self.publications:
            told = one.publication
            if (told.rule_id, told.effective_from) == (rule_id, effective_from):
                return one
        return None

    def _amended(self, written: Catalogue) -> Catalogue:
        return amended(written, [one.publication for one in self.publications])


def load_rulebook(tx: Reader, *, known: Collection[UUID] | None = None) -> Rulebook:
    """With all publications, or with those that were known to somebody then."""
    if known is None:
        rows: Iterable[Any] = _EVERY.rows(tx, {})
    else:
        rows = tx.execute(_ALL.where(RulePublication.publication_id.in_(known)))
    return Rulebook(
        [
            Published(
                publication_id=row.publication_id,
                publication=Publication(
                    row.rule_id, row.rule_version, Severity(row.severity), row.effective_from
                ),
                reason=row.reason,
                published_at=row.published_at,
            )
            for row in rows
        ]
    )


_COLUMNS = (
    RulePublication.publication_id,
    RulePublication.rule_id,
    RulePublication.rule_version,
    RulePublication.severity,
    RulePublication.effective_from,
    RulePublication.reason,
    RulePublication.published_at,
)
_ALL = select(*_COLUMNS).order_by(RulePublication.publication_id)
_EVERY = Read(_ALL)
