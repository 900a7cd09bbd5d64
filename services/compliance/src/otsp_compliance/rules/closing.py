"""What was typed of a closing, and what the law says of its debts; the rest is in the snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Final, Self

REASONS_ZH: Final[Mapping[str, str]] = {
    "voluntary": "自行终止",
    "converted": "转型",
    "revoked": "被吊销",
    "insolvent": "资不抵债",
    "merged": "合并",
    "no_activity": "不再从事培训",
}

REPAYMENT_ORDER_ZH: Final = (
    "应退受教育者学费、杂费和其他费用",
    "应发教职工的工资及应缴纳的社会保险费用",
    "偿还其他债务",
)
"""民办教育促进法 §59: in this order."""

SURPLUS_ZH: Final[Mapping[str, str]] = {
    "nonprofit": "非营利性机构清偿上述债务后的剩余财产继续用于其他非营利性学校办学。",
    "forprofit": "营利性机构清偿上述债务后的剩余财产，依照公司法的有关规定处理。",
}
"""民办教育促进法 §59, by legal nature; a public institution's goes as its organiser says."""

SERVICES_ZH: Final[Mapping[str, str]] = {
    "institution": "机构信息、办学许可证",
    "staff": "从业人员",
    "materials": "培训材料",
    "courses": "课程与班级",
    "auth": "账号",
}
"""The services that have a part in a closing."""

READ_ONLY: Final = timedelta(days=15)
"""How long its people may still look and download (domain specification §3.5)."""

PAPERS: Final = ("settlement_report_file_id", "deregistration_proof_file_id")
"""Fields that name a file."""

_DECIDED: Final = frozenset({"revoked_on", "revocation_doc_no"})
_DAYS: Final = ("stop_on", "notice_published_on", "revoked_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The typed part of a deregistration application.

    `revocation_doc_no` is the number of the decision by which the licence was revoked: whoever
    named it is the authority, and nobody asks the institution any more.
    """

    reason: str | None = None
    stop_on: date | None = None
    unrefunded_fen: int | None = None
    unpaid_wages_fen: int | None = None
    settlement_report_file_id: str | None = None
    notice_published_on: date | None = None
    deregistration_proof_file_id: str | None = None
    archive_keeper: str | None = None
    revoked_on: date | None = None
    revocation_doc_no: str | None = None

    @classmethod
    def of(cls, typed: Mapping[str, Any]) -> Self:
        """From the JSON that was typed."""
        days = {name: date.fromisoformat(typed[name]) for name in _DAYS if typed.get(name)}
        return cls(**{**typed, **days})

    @property
    def is_by_authority(self) -> bool:
        return self.revocation_doc_no is not None

    def typed(self) -> dict[str, Any]:
        """The JSON that it was made of; what was not typed is null."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return told | {name: day.isoformat() for name in _DAYS if (day := told[name]) is not None}


def correctable(typed: Mapping[str, Any]) -> frozenset[str]:
    """Fields that a notice may ask to be put right: none that the authority decided.

    Whoever was closed by its authority says neither why nor since when.
    """
    names = frozenset(each.name for each in fields(Closing)) - _DECIDED
    return names - {"reason", "stop_on"} if Closing.of(typed).is_by_authority else names
