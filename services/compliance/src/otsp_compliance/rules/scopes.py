"""For whom a rule is: a predicate on facts, with the words and the dimensions that tell it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import need


class Dimension(StrEnum):
    """What about an institution brings a rule upon it; `general` is everybody."""

    GENERAL = "general"
    SUBJECT = "subject"
    NONSUBJECT = "nonsubject"
    COMPULSORY = "compulsory"
    PRESCHOOL = "preschool"
    ONLINE = "online"
    OFFLINE = "offline"
    SPORTS = "sports"
    NONPROFIT = "nonprofit"


@dataclass(frozen=True, slots=True)
class Scope:
    """Calling it asks whether the rule is for this institution."""

    text_zh: str
    dimensions: tuple[Dimension, ...]
    test: Callable[[Facts], bool]

    def __call__(self, facts: Facts) -> bool:
        return self.test(facts)


ALL: Final = Scope("所有机构", (Dimension.GENERAL,), lambda _: True)
SUBJECT: Final = Scope("学科类机构", (Dimension.SUBJECT,), lambda facts: facts.subject)
NONSUBJECT: Final = Scope("非学科类机构", (Dimension.NONSUBJECT,), lambda facts: facts.nonsubject)
COMPULSORY: Final = Scope(
    "面向义务教育阶段的学科类机构",
    (Dimension.SUBJECT, Dimension.COMPULSORY),
    lambda facts: facts.compulsory,
)
PRESCHOOL: Final = Scope(
    "面向学龄前儿童的机构",
    (Dimension.PRESCHOOL,),
    lambda facts: "preschool" in facts.institution.stages,
)
ONLINE: Final = Scope("线上机构", (Dimension.ONLINE,), lambda facts: facts.online)
OFFLINE: Final = Scope("线下机构", (Dimension.OFFLINE,), lambda facts: facts.offline)
SUBJECT_ONLINE: Final = Scope(
    "线上学科类机构",
    (Dimension.SUBJECT, Dimension.ONLINE),
    lambda facts: facts.subject and facts.online,
)
SPORTS: Final = Scope("体育类机构", (Dimension.SPORTS,), lambda facts: facts.sports)
NONPROFIT: Final = Scope(
    "非营利性机构",
    (Dimension.NONPROFIT,),
    lambda facts: need(facts.institution.legal_nature, "/institution/legal_nature") == "nonprofit",
)
CHINESE_HEAD: Final = Scope(
    "法定代表人为中国国籍的机构",
    (Dimension.GENERAL,),
    lambda facts: need(facts.legal_rep.nationality, "/institution/legal_rep/nationality") == "CN",
)
DEPOSITING: Final = Scope(
    "以风险保证金监管预收费的机构",
    (Dimension.GENERAL,),
    lambda facts: facts.supervision.mode in ("risk_deposit", "both"),
)
PRICED: Final = Scope(
    "所在地区公布了政府指导价的学科类机构",
    (Dimension.SUBJECT,),
    lambda facts: facts.subject and facts.region.price_cap_fen is not None,
)
WITH_LEAST_TEACHERS: Final = Scope(
    "所在地区设定了专职人员最低人数的机构",
    (Dimension.GENERAL,),
    lambda facts: bool(facts.region.min_ft_teaching),
)
WITH_LEAST_AREA: Final = Scope(
    "所在地区设定了最低建筑面积的线下机构",
    (Dimension.OFFLINE,),
    lambda facts: facts.offline and bool(facts.region.min_building_area_centi_m2),
)
CLOSING: Final = Scope("申请注销的机构", (Dimension.GENERAL,), lambda _: True)
CLOSING_OF_OWN_WILL: Final = Scope(
    "自行终止办学的机构",
    (Dimension.GENERAL,),
    lambda facts: need(facts.closing.reason, "/closing/reason") == "voluntary",
)
