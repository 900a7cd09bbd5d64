"""A clock in Chinese: what each side has to know of it today, and why it is due on that day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from otsp_compliance.rules.clocks import EXTENSION, Clock, Count, Ground, Light, Pause, Phase
from otsp_compliance.rules.days_out import DayOut, Named, Why


class Side(StrEnum):
    """Who reads: the two sides are told the same days in different words."""

    AUTHORITY = "authority"
    INSTITUTION = "institution"


class Origin(StrEnum):
    """What a period counts from."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DEEMED = "deemed"
    PASSED_ON = "passed_on"


GROUNDS: Final = {
    Ground.HEARING: "听证",
    Ground.TENDER: "招标、拍卖",
    Ground.INSPECTION: "检验、检测、检疫",
    Ground.APPRAISAL: "鉴定",
    Ground.EXPERT_REVIEW: "专家评审",
    Ground.SUPPLEMENT: "补正",
}
_LAW: Final = "行政许可法"
_BY_LAW: Final = f"{_LAW}第三十二条第一款第四项"
_NOT_DEEMED: Final = "逾期未作出决定的，不视为同意。"
_STARTS: Final = {
    Origin.RECEIVED: "自收到之日 {day} 的次日起算",
    Origin.ACCEPTED: "自受理之日 {day} 的次日起算",
    Origin.DEEMED: (
        "收到申请后五个工作日内未告知是否受理，"
        f"自收到之日 {{day}} 起视为受理（{_BY_LAW}），次日起算"
    ),
    Origin.PASSED_ON: "自上一审核环节办结转入之日 {day} 的次日起算",
}
_PERIODS: Final = {
    Phase.ACCEPT: f"告知是否受理的期限为 {{n}} 个工作日（{_BY_LAW}）。",
    Phase.DECIDE: f"作出决定的期限为 {{n}} 个工作日（{_LAW}第四十二条、第八十二条）。",
}


@dataclass(frozen=True, slots=True)
class Extension:
    """Days that the head of the authority added, and why."""

    extended_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A clock as it stands, with everything that its due day came of."""

    clock: Clock
    count: Count
    origin: Origin
    extension: Extension | None
    days_out: Sequence[DayOut]
    made_up: Sequence[Named]
    is_deemed: bool = False
    is_escalated: bool = False


def basis_of(ground: Ground) -> str:
    """The article by which the time is not counted."""
    return _BY_LAW if ground is Ground.SUPPLEMENT else f"{_LAW}第四十五条"


def headline(told: Told, side: Side) -> str:
    """The one sentence that stands beside the light."""
    if told.clock.ended_on is not None:
        return _ended(told)
    if told.count.light is Light.PAUSED:
        return _paused(told, side)
    if told.count.days_left < 0:
        return _overdue(told, side)
    duty = "告知是否受理" if told.clock.phase is Phase.ACCEPT else "作出决定"
    whole = f"{told.count.due_on} 前（含当日）{duty}，{_left(told.count.days_left)}。"
    if told.clock.phase is Phase.ACCEPT:
        whole += f"逾期未告知的，自收到之日 {told.clock.started_on} 起视为受理（{_BY_LAW}）。"
    return f"请于 {whole}" if side is Side.AUTHORITY else f"审核部门应于 {whole}"


def explain(told: Told) -> list[str]:
    """Why it is due on that day, sentence by sentence; the same for both sides."""
    clock, added = told.clock, EXTENSION if told.extension else 0
    start = _STARTS[told.origin].format(day=clock.started_on)
    sentences = [f"{start}，{_PERIODS[clock.phase].format(n=clock.limit - added)}"]
    if told.extension:
        sentences.append(
            f"{told.extension.extended_on} 经本部门负责人批准延长 {EXTENSION} 个工作日"
            f"（{_LAW}第四十二条），理由：{told.extension.reason.rstrip('。')}。"
        )
    sentences += _not_counted(told.days_out)
    if told.made_up:
        days = "、".join(f"{one.day}（{one.name}调休）" for one in told.made_up)
        sentences.append(f"周末上班，计入：{days}。")
    sentences += [_pause(one) for one in clock.pauses]
    sentences.append(f"据此，第 {clock.limit} 个工作日即期限届满日为 {told.count.due_on}。")
    if told.count.is_provisional:
        sentences.append(
            "其中部分日期的节假日安排尚未公布，暂按周末及本地已设假日推算，公布后自动重新计算。"
        )
    if clock.phase is Phase.DECIDE:
        sentences.append(_NOT_DEEMED)
    return sentences


def _ended(told: Told) -> str:
    day = told.clock.ended_on
    if told.clock.phase is Phase.DECIDE:
        used = f"用时 {told.count.days_used} 个工作日"
        late = f"，超过期限 {-told.count.days_left} 个工作日" if told.count.days_left < 0 else ""
        return f"本环节已于 {day} 结束，{used}{late}。"
    if told.is_deemed:
        return f"自收到之日 {told.clock.started_on} 起视为受理（{_BY_LAW}）。"
    return f"已于 {day} 结束受理环节，用时 {told.count.days_used} 个工作日。"


def _paused(told: Told, side: Side) -> str:
    grounds = [GROUNDS[one.ground] for one in told.clock.pauses if one.ended_on is None]
    left = f"已用 {told.count.days_used} 个工作日，恢复后还有 {told.count.days_left} 个工作日"
    whole = f"办理期限因{'、'.join(grounds)}暂停计算：{left}。"
    awaited = any(
        one.ground is Ground.SUPPLEMENT for one in told.clock.pauses if one.ended_on is None
    )
    if awaited and side is Side.INSTITUTION:
        whole += "请尽快按补正通知提交材料，提交后恢复计算。"
    return whole


def _overdue(told: Told, side: Side) -> str:
    late = f"{-told.count.days_left} 个工作日"
    if told.clock.phase is Phase.ACCEPT:
        return f"告知是否受理的期限已过 {late}，依法自收到之日起视为受理，系统即将登记。"
    if side is Side.AUTHORITY:
        urged = "，已报上级主管部门" if told.is_escalated else ""
        return f"已超过法定期限 {late}{urged}，请立即作出决定。{_NOT_DEEMED}"
    urged = "，已报上级主管部门督办" if told.is_escalated else ""
    return (
        f"审核部门已超过法定期限 {late}{urged}。{_NOT_DEEMED}"
        f"您可以依法申请行政复议或者提起行政诉讼（{_LAW}第七条）。"
    )


def _left(days: int) -> str:
    return f"还剩 {days} 个工作日" if days else "今天是最后一天"


def _not_counted(days_out: Iterable[DayOut]) -> Iterator[str]:
    """Weekends first, then holidays by name, as they come."""
    weekends = [one for one in days_out if one.why is Why.WEEKEND]
    holidays = [one for one in days_out if one.why in {Why.HOLIDAY, Why.LOCAL_HOLIDAY}]
    if weekends:
        spans = "、".join(_span(one.first, one.last) for one in weekends)
        count = sum((one.last - one.first).days + 1 for one in weekends)
        yield f"周末不计，共 {count} 天：{spans}。"
    if holidays:
        spans = "、".join(f"{one.name} {_span(one.first, one.last)}" for one in holidays)
        yield f"节假日不计：{spans}。"


def _pause(pause: Pause) -> str:
    told = f"因{GROUNDS[pause.ground]}自 {pause.began_on} 起暂停"
    if pause.ended_on is None:
        return f"{told}，尚未恢复（{basis_of(pause.ground)}），所需时间不计入期限。"
    if pause.ended_on == pause.began_on:
        return f"{told}，当日恢复。"
    return f"{told}，{pause.ended_on} 恢复计算（{basis_of(pause.ground)}），其间不计入期限。"


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} 至 {last}"
