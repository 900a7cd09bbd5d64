"""PTY: party building (党建)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Fault, need
from otsp_compliance.rules.registry import Severity, each_party, rule
from otsp_compliance.rules.sources import DOUBLE_REDUCTION, local
from otsp_contracts.snapshots import PartyFacts

_BASELINE: Final = date(2021, 10, 8)
_OWN_BODY_FROM: Final = 3
_LOCAL: Final = local("温州市、彬州市校外培训机构党建工作规定")


@rule(
    id="PTY-001",
    severity=Severity.WARNING,
    message_zh="正式党员3人以上应建立党组织",
    remedy_zh="向上级党组织申请成立党支部后更新党组织形式",
    basis=(_LOCAL,),
    effective_from=_BASELINE,
)
@each_party
def three_members_form_a_branch(_: Facts, party: PartyFacts) -> Iterator[Fault]:
    members = need(party.member_count, "member_count")
    if members >= _OWN_BODY_FROM and need(party.org_form, "org_form") == "none":
        yield Fault(
            "org_form",
            found={"member_count": members, "org_form": "none"},
            required={"not": "none"},
        )


@rule(
    id="PTY-002",
    severity=Severity.WARNING,
    message_zh="无党组织的机构应落实党建工作指导员",
    remedy_zh="请上级党组织选派党建工作指导员后更新填报",
    basis=(_LOCAL, DOUBLE_REDUCTION.at()),
    effective_from=_BASELINE,
)
@each_party
def institution_without_branch_has_an_instructor(_: Facts, party: PartyFacts) -> Iterator[Fault]:
    members = need(party.member_count, "member_count")
    unled = members < _OWN_BODY_FROM and need(party.org_form, "org_form") == "none"
    if unled and not party.instructor_assigned:
        yield Fault("instructor_assigned", found=party.instructor_assigned, required=True)
