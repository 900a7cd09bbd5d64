"""What a receipt says on paper. Pure: the page is laid out by the template from this alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

Payload = Mapping[str, Any]
PLATFORM_ZH: Final = "校外培训教育监管与服务综合平台"
KINDS_ZH: Final = {
    "initial": "首次申请",
    "change": "变更申请",
    "renewal": "延续申请",
    "recheck": "复核申请",
    "deregistration": "注销申请",
}
OUTCOMES_ZH: Final = {"approved": "审核通过", "returned": "退回整改", "rejected": "不予通过"}
_FILED: Final = (
    "上列机构提交的申请资料已由本平台收到，并于提交之时整体封存。本回执证明申请的提交时间和所提交的内容，"
    "不代表受理或者审核通过。"
)
_SUPPLEMENTED: Final = (
    "上列机构按照补正通知提交的资料已由本平台收到，并连同其他申请资料重新整体封存，此后的审核以本次封存的资料为准。"
    "本回执证明补正的提交时间和所提交的内容，不代表受理或者审核通过。"
)
_CERTIFIED: Final = (
    "经审查，上列机构提交的资料符合校外培训管理的有关规定，决定审核通过，特发此证。"
    "本证书记载签发之日的审查结论，应当与办学许可证一并使用；是否仍然有效，以扫码查验的结果为准。"
)
_CLOSED: Final = "经审查，上列机构的注销申请符合规定，准予办理终止和注销手续。"
_NOT_CLOSED: Final = "经审查，上列机构的注销申请不符合规定，不予办理；补正后可以再次提出注销申请。"
_REFUSED: Final = {
    "returned": "经审查，上列机构提交的资料存在下列问题，决定退回整改。整改后可以再次申请。",
    "rejected": "经审查，上列机构提交的资料不符合校外培训管理的有关规定，决定不予通过。",
}


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are labelled facts; `paragraphs` what is said; `signed_by` stands above the day.

    A filing or a supplement is attested by the platform: no authority has said anything of it yet.
    """

    title: str
    is_certificate: bool
    rows: list[tuple[str, str]]
    paragraphs: list[str]
    signed_by: str
    day: str


def page_of(payload: Payload, *, licence: Payload, text: Payload) -> Page:
    """`licence` as it was sealed; `text` the reasons and remedies of a decision."""
    decision = payload["decision"]
    is_closing = payload["application"]["kind"] == "deregistration"
    is_approved = decision is not None and decision["outcome"] == "approved"
    return Page(
        title=_title(payload, is_closing=is_closing, is_approved=is_approved),
        is_certificate=is_approved and not is_closing,
        rows=list(_rows(payload, licence)),
        paragraphs=list(_paragraphs(payload, text, is_closing=is_closing)),
        signed_by=payload["authority"]["name"] if decision else PLATFORM_ZH,
        day=day_zh((decision or {}).get("decided_on") or payload["issued_on"]),
    )


def day_zh(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日"


def _title(payload: Payload, *, is_closing: bool, is_approved: bool) -> str:
    if payload["kind"] == "supplement":
        return "校外培训机构申请补正回执"
    if payload["decision"] is None:
        return "校外培训机构申请提交回执"
    if is_closing:
        return "校外培训机构注销决定书"
    return "校外培训机构合规证书" if is_approved else "校外培训机构合规审核决定书"


def _rows(payload: Payload, licence: Payload) -> Iterator[tuple[str, str]]:
    institution, application = payload["institution"], payload["application"]
    decision = payload["decision"]
    yield "机构名称", _or_none(institution["name"])
    yield "统一社会信用代码", _or_none(institution["uscc"])
    yield "办学许可证号", _or_none(institution["licence_no"])
    if decision is not None and decision["outcome"] == "approved":
        yield "许可证有效期", _validity(licence, decision["valid_to"])
    yield "申请类别", KINDS_ZH[application["kind"]]
    yield "申请编号", _or_none(application["seq_no"])
    if decision is None:
        yield "提交日期", day_zh(application["submitted_on"])
        if payload["kind"] == "supplement":
            yield f"第 {application['round']} 次补正日期", day_zh(application["supplemented_on"])
        yield "审核部门", (payload["authority"] or {}).get("name") or "待定，确定后在平台告知"
    else:
        yield "审核结论", OUTCOMES_ZH[decision["outcome"]]
        yield "决定文号", decision["doc_no"]


def _paragraphs(payload: Payload, text: Payload, *, is_closing: bool) -> Iterator[str]:
    decision = payload["decision"]
    if decision is None:
        yield _SUPPLEMENTED if payload["kind"] == "supplement" else _FILED
        return
    if decision["outcome"] == "approved":
        yield _CLOSED if is_closing else _CERTIFIED
    else:
        yield _NOT_CLOSED if is_closing else _REFUSED[decision["outcome"]]
    if text.get("reason"):
        yield "理由如下："
        yield from str(text["reason"]).splitlines()
    if text.get("appeal_text"):
        yield from str(text["appeal_text"]).splitlines()
    if decision["replaces"]:
        yield "本决定代替此前就同一申请作出的决定，原决定及其回执同时失效。"


def _validity(licence: Payload, valid_to: str | None) -> str:
    begin, end = licence.get("valid_from"), valid_to or licence.get("valid_to")
    if end is None:
        return "以办学许可证为准"
    return f"{day_zh(begin)}至{day_zh(end)}" if begin else f"至{day_zh(end)}"


def _or_none(text: str | None) -> str:
    return text or "—"
