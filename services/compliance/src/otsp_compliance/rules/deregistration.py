"""DER: what must be settled before an institution closes (注销)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Fault, Outcome, Placed, need
from otsp_compliance.rules.registry import Severity, each, each_class, each_supervision, rule
from otsp_compliance.rules.scopes import CLOSING, CLOSING_OF_OWN_WILL
from otsp_compliance.rules.sources import (
    MANUAL,
    MATERIALS_MEASURES,
    OWN,
    PREPAID_FEES,
    PRIVATE_EDUCATION_LAW,
    PRIVATE_EDUCATION_REGULATION,
)
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import SupervisionFacts

_LAW_IN_FORCE: Final = date(2003, 9, 1)
_REGULATION_IN_FORCE: Final = date(2021, 9, 1)
_BASELINE: Final = date(2021, 10, 8)
_NOTICE: Final = timedelta(days=180)

each_closing: Final = each(lambda facts: (Placed((), "/closing", facts.closing),))


@rule(
    id="DER-001",
    severity=Severity.BLOCKING,
    message_zh="仍有未结束的班级，请先结课或退费停课",
    remedy_zh="将班级结课，或退费后取消班级",
    basis=(PRIVATE_EDUCATION_LAW.at("第57条"),),
    effective_from=_LAW_IN_FORCE,
    applies=CLOSING,
)
@each_class
def classes_are_over(_: Facts, taught: OpenClass) -> Iterator[Fault]:
    yield Fault("status", found=taught.facts.status, required=("finished", "cancelled"))


@rule(
    id="DER-002",
    severity=Severity.BLOCKING,
    message_zh="仍有应退未退学员费用",
    remedy_zh="退清学员费用后更新填报",
    basis=(PRIVATE_EDUCATION_LAW.at("第59条第(一)项"),),
    effective_from=_LAW_IN_FORCE,
    applies=CLOSING,
)
@each_closing
def pupils_are_repaid(_: Facts, closing: Closing) -> Iterator[Fault]:
    if need(closing.unrefunded_fen, "unrefunded_fen") > 0:
        yield Fault("unrefunded_fen", found=closing.unrefunded_fen, required=0)


@rule(
    id="DER-003",
    severity=Severity.BLOCKING,
    message_zh="仍有未付教职工工资或社会保险费",
    remedy_zh="付清工资和社会保险费后更新填报",
    basis=(PRIVATE_EDUCATION_LAW.at("第59条第(二)项"),),
    effective_from=_LAW_IN_FORCE,
    applies=CLOSING,
)
@each_closing
def wages_are_paid(_: Facts, closing: Closing) -> Iterator[Fault]:
    if need(closing.unpaid_wages_fen, "unpaid_wages_fen") > 0:
        yield Fault("unpaid_wages_fen", found=closing.unpaid_wages_fen, required=0)


@rule(
    id="DER-004",
    severity=Severity.BLOCKING,
    message_zh="未提交财务清算报告",
    remedy_zh="完成财务清算并上传清算报告",
    basis=(PRIVATE_EDUCATION_LAW.at("第58条"),),
    effective_from=_LAW_IN_FORCE,
    applies=CLOSING,
)
@each_closing
def accounts_are_settled(_: Facts, closing: Closing) -> Iterator[Fault]:
    if not closing.settlement_report_file_id:
        yield Fault("settlement_report_file_id", found=None, required={"present": True})


@rule(
    id="DER-005",
    severity=Severity.BLOCKING,
    message_zh="未交回办学许可证",
    remedy_zh="向审批机关交回办学许可证，并将许可证状态改为已交回",
    basis=(PRIVATE_EDUCATION_LAW.at("第60条"), PRIVATE_EDUCATION_REGULATION.at("第50条")),
    effective_from=_REGULATION_IN_FORCE,
    applies=CLOSING,
)
def licence_is_returned(facts: Facts) -> Iterator[Outcome]:
    # Who never had a licence has none to hand back; a revoked one is void.
    licence = facts.snapshot.institution.licence
    if licence is not None and need(licence.status, "/licence/status") not in (
        "returned",
        "revoked",
    ):
        yield Breach((), "/licence/status", found=licence.status, required="returned")


@rule(
    id="DER-006",
    severity=Severity.OVERRIDABLE,
    message_zh="自行终止应提前6个月发布拟终止公告",
    remedy_zh="发布拟终止公告满180日后申请；因政策转型等原因的，可申请例外并说明理由",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第50条"),),
    effective_from=_REGULATION_IN_FORCE,
    applies=CLOSING_OF_OWN_WILL,
)
@each_closing
def closing_was_announced(facts: Facts, closing: Closing) -> Iterator[Fault]:
    announced = closing.notice_published_on
    if announced is None or facts.as_of - announced < _NOTICE:
        latest = {"not_after": facts.as_of - _NOTICE}
        yield Fault("notice_published_on", found=announced, required=latest)


@rule(
    id="DER-007",
    severity=Severity.BLOCKING,
    message_zh="监管账户仍有余额，不得注销",
    remedy_zh="结清监管账户余额后更新填报",
    basis=(OWN, PREPAID_FEES.at()),
    effective_from=date(2021, 10, 29),
    applies=CLOSING,
)
@each_supervision
def supervised_account_is_empty(_: Facts, supervision: SupervisionFacts) -> Iterator[Fault]:
    if need(supervision.balance_fen, "balance_fen") > 0:
        yield Fault("balance_fen", found=supervision.balance_fen, required=0)


@rule(
    id="DER-008",
    severity=Severity.BLOCKING,
    message_zh="未上传注销证明",
    remedy_zh="上传登记机关出具的注销证明",
    basis=(MANUAL.at("1.3.3(7)"),),
    effective_from=_BASELINE,
    applies=CLOSING,
)
@each_closing
def registration_is_struck_off(_: Facts, closing: Closing) -> Iterator[Fault]:
    if not closing.deregistration_proof_file_id:
        yield Fault("deregistration_proof_file_id", found=None, required={"present": True})


@rule(
    id="DER-009",
    severity=Severity.WARNING,
    message_zh="仍有在职人员未转为离职",
    remedy_zh="为在职人员办理离职登记",
    basis=(OWN,),
    effective_from=_BASELINE,
    applies=CLOSING,
)
def nobody_is_employed(facts: Facts) -> Iterator[Outcome]:
    for row in facts.employed:
        yield row.breach(Fault("status", found=row.value.status, required="departed"))


@rule(
    id="DER-010",
    severity=Severity.WARNING,
    message_zh="未指定培训材料、财务档案保管人",
    remedy_zh="填写档案保管人",
    basis=(OWN, MATERIALS_MEASURES.at()),
    effective_from=_BASELINE,
    applies=CLOSING,
)
@each_closing
def archives_have_a_keeper(_: Facts, closing: Closing) -> Iterator[Fault]:
    if not closing.archive_keeper:
        yield Fault("archive_keeper", found=None, required={"present": True})
