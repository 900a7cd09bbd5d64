"""The institution's side: steps done and shown, the task handed in for verification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Invalid, NotFound, RuleBroken
from otsp_compliance.commands.files import require_files
from otsp_compliance.commands.rectification.moves import By, hold, move
from otsp_compliance.model import Rectification, RectificationOver, RectificationStep
from otsp_compliance.queries.rectifications import RectificationView, tell_rectification
from otsp_compliance.rules.rectification import ANSWERED, Action, Status, without_evidence
from otsp_contracts.values import FieldError


class EvidenceMissing(RuleBroken):
    slug: ClassVar[str] = "rectification-evidence-missing"
    title: ClassVar[str] = "A step lacks its day or its evidence"
    detail_zh: ClassVar[str] = "每个整改步骤都须填写完成日期并上传证明材料后才能提交核验。"


class NothingAnew(RectificationOver):
    slug: ClassVar[str] = "rectification-nothing-anew"
    title: ClassVar[str] = "Nothing was answered since it was sent back"
    detail_zh: ClassVar[str] = (
        "整改已被核验退回，请先按退回意见更新整改步骤及证明材料，再提交核验。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAnswer:
    """`done_on` is null while it is not done; files are the institution's own."""

    done_on: date | None
    file_ids: Sequence[UUID]
    note: str | None


def record_step(
    principal: Principal,
    rectification_id: UUID,
    *,
    code: str,
    answer: StepAnswer,
    if_match: int | None,
) -> RectificationView:
    """Say that a step is done and show it; what was said of it before is replaced."""
    if answer.done_on is not None and answer.done_on > clock.today():
        raise Invalid(errors=[FieldError("/done_on", "in_future", "完成日期不能晚于今天。")])
    with transaction() as tx:
        task = _hold_own(tx, principal, rectification_id)
        require_version(task.version, if_match)
        named = {f"/file_ids/{index}": each for index, each in enumerate(answer.file_ids)}
        require_files(tx, task.institution_id, named)
        step = tx.get(RectificationStep, (rectification_id, code))
        if step is None:
            raise NotFound
        step.done_on = answer.done_on
        step.file_ids = list(answer.file_ids)
        step.note = task.note = answer.note
        move(tx, task, Action.RECORD_STEP, by=By.principal(principal), step=code)
        return tell_rectification(tx, rectification_id)


def submit_rectification(
    principal: Principal, rectification_id: UUID, note: str
) -> RectificationView:
    """The institution says that it is done; the application's reviewer verifies it."""
    with transaction() as tx:
        task = _hold_own(tx, principal, rectification_id)
        if task.status == Status.RETURNED:
            raise NothingAnew(rectification_status=task.status)
        if task.status not in ANSWERED:
            _require_evidence(tx, rectification_id)
        task.note = note
        move(tx, task, Action.SUBMIT, by=By.principal(principal))
        return tell_rectification(tx, rectification_id)


def _hold_own(tx: Tx, principal: Principal, rectification_id: UUID) -> Rectification:
    task = hold(tx, rectification_id)
    principal.require_own(task.institution_id)
    return task


def _require_evidence(tx: Tx, rectification_id: UUID) -> None:
    query = select(
        RectificationStep.code,
        RectificationStep.label_zh,
        RectificationStep.done_on,
        RectificationStep.file_ids,
    ).where(RectificationStep.rectification_id == rectification_id)
    steps = tx.execute(query.order_by(RectificationStep.position)).all()
    lacking = without_evidence([(row.code, row.done_on, row.file_ids) for row in steps])
    if lacking:
        labels = {row.code: row.label_zh for row in steps}
        raise EvidenceMissing(
            errors=[
                FieldError(
                    f"/steps/{code}",
                    "evidence_missing",
                    f"“{labels[code]}”尚未填写完成日期或上传证明材料。",
                )
                for code in lacking
            ]
        )
