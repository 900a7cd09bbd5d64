"""Puts a rule version in force, and schedules what compliant institutions are checked for."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Forbidden, Invalid
from otsp_compliance.model import ReEvaluation, RulePublication
from otsp_compliance.model.publications import SCHEDULED
from otsp_compliance.queries.re_evaluations import ReEvaluationView, tell_re_evaluation
from otsp_compliance.queries.rulebook import load_rulebook
from otsp_compliance.queries.visibility import NATIONAL_ADMIN
from otsp_compliance.rules.catalogue import all_rules
from otsp_compliance.rules.publication import Publication, refusals
from otsp_compliance.rules.registry import Severity
from otsp_contracts.compliance import RuleVersionPublished


class RuleVersionNotPublishable(Invalid):
    slug: ClassVar[str] = "rule-version-not-publishable"
    title: ClassVar[str] = "This rule version cannot be published like this"
    detail_zh: ClassVar[str] = "该规则版本不能这样发布，请按 errors 中的说明修改。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPublication:
    """Without a severity the version keeps the one that is written with it."""

    rule_id: str
    version: int
    effective_from: date
    severity: Severity | None
    reason: str


def publish_rule_version(principal: Principal, new: NewPublication) -> ReEvaluationView:
    """The nation's administrator only. What was judged before keeps the versions it has."""
    if principal.role != NATIONAL_ADMIN:
        raise Forbidden
    wanted = Publication(new.rule_id, new.version, _severity(new), new.effective_from)
    with transaction() as tx:
        _one_at_a_time(tx)
        others = [one.publication for one in load_rulebook(tx).publications]
        errors = list(refusals(all_rules(), wanted, others=others, today=clock.today()))
        if errors:
            raise RuleVersionNotPublishable(errors=errors)
        publication_id = _keep(tx, wanted, reason=new.reason, by=principal.account_id)
        return tell_re_evaluation(tx, publication_id)


def _severity(new: NewPublication) -> Severity:
    """Of a version that nobody wrote it does not matter: the publication is refused."""
    if new.severity is not None:
        return new.severity
    written = (one.head for one in all_rules().versions(new.rule_id))
    found = (head.severity for head in written if head.version == new.version)
    return next(found, Severity.BLOCKING)


def _one_at_a_time(tx: Tx) -> None:
    """Until commit: whether periods overlap must not be judged by two at once."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext("otsp-rule-publication"))))


def _keep(tx: Tx, wanted: Publication, *, reason: str, by: UUID) -> UUID:
    publication_id = new_id()
    told: dict[str, Any] = {
        "rule_id": wanted.rule_id,
        "rule_version": wanted.version,
        "severity": wanted.severity.value,
        "effective_from": wanted.effective_from,
    }
    tx.add(
        RulePublication(
            publication_id=publication_id,
            reason=reason,
            published_by=by,
            published_at=clock.business_now(),
            **told,
        )
    )
    tx.flush()  # the re-evaluation refers to it
    tx.add(
        ReEvaluation(re_evaluation_id=publication_id, as_of=wanted.effective_from, state=SCHEDULED)
    )
    publish(tx, RuleVersionPublished(publication_id=publication_id, actor=by, **told))
    audit.record(
        tx,
        "compliance.rule_version_published",
        object_type="rule_publication",
        object_id=publication_id,
        after=told,
        reason=reason,
    )
    tx.flush()
    return publication_id
