"""Why a clock is due on its day, in the words of each side."""

from datetime import date

import pytest

from otsp_compliance.rules.clock_wording import Extension, Origin, Side, Told, explain, headline
from otsp_compliance.rules.clocks import Clock, Ground, OfficeDays, Pause, Phase, count
from otsp_compliance.rules.days_out import DayOut, Named, Passage, Why

DIFFERS = {
    "2026-02-14": (True, "春节"),
    **{f"2026-02-{n}": (False, "春节") for n in range(15, 24)},
    "2026-02-28": (True, "春节"),
    "2026-12-24": (False, "示例节"),
}
NAMES = {date.fromisoformat(day): name for day, (_, name) in DIFFERS.items()}


class Calendar:
    def covers(self, day):
        return day.year == 2026

    def is_rest_day(self, day):
        is_working, _ = DIFFERS.get(day.isoformat(), (day.isoweekday() < 6, None))
        return not is_working


def day(text):
    return date.fromisoformat(text)


def told(started_on, *pauses, on=None, phase=Phase.DECIDE, local=(), **more):
    extension = more.get("extension")
    limit = {Phase.ACCEPT: 5, Phase.DECIDE: 20}[phase] + (10 if extension else 0)
    clock = Clock(
        phase=phase,
        started_on=day(started_on),
        limit=limit,
        pauses=pauses,
        ended_on=more.pop("ended_on", None),
    )
    office = OfficeDays(Calendar(), [day(one) for one in local])
    at = day(on or started_on)
    stands = count(clock, office, at)
    passage = Passage(clock=clock, office=office, names=NAMES, on=at, until=stands.due_on)
    known = {"origin": Origin.ACCEPTED, "extension": None} | more
    return Told(
        clock=clock,
        count=stands,
        days_out=tuple(passage.days_out()),
        made_up=tuple(passage.made_up()),
        **known,
    )


def test_the_due_day_of_a_plain_clock_is_explained():
    assert explain(told("2026-11-20")) == [
        (
            "自受理之日 2026-11-20 的次日起算，"
            "作出决定的期限为 20 个工作日（行政许可法第四十二条、第八十二条）。"
        ),
        (
            "周末不计，共 8 天：2026-11-21 至 2026-11-22、2026-11-28 至 2026-11-29、"
            "2026-12-05 至 2026-12-06、2026-12-12 至 2026-12-13。"
        ),
        "据此，第 20 个工作日即期限届满日为 2026-12-18。",
        "逾期未作出决定的，不视为同意。",
    ]


def test_holidays_are_named_and_make_up_saturdays_counted():
    sentences = explain(told("2026-02-12"))

    assert "节假日不计：春节 2026-02-15 至 2026-02-23。" in sentences
    assert "周末上班，计入：2026-02-14（春节调休）、2026-02-28（春节调休）。" in sentences
    assert "2026-02-22" not in sentences[1]


def test_a_make_up_saturday_may_be_the_due_day_itself():
    assert "周末上班，计入：2026-02-14（春节调休）。" in explain(told("2026-01-19"))


def test_a_local_holiday_and_the_end_of_the_calendar_are_said():
    sentences = explain(told("2026-12-10", local=["2027-01-01", "2027-01-02"]))

    assert "节假日不计：示例节 2026-12-24、本地假日 2027-01-01 至 2027-01-02。" in sentences
    assert sentences[-2] == (
        "其中部分日期的节假日安排尚未公布，暂按周末及本地已设假日推算，公布后自动重新计算。"
    )


def test_pauses_and_extension_are_said_with_their_grounds():
    sentences = explain(
        told(
            "2026-11-20",
            Pause(Ground.HEARING, day("2026-11-25"), day("2026-11-30")),
            Pause(Ground.SUPPLEMENT, day("2026-12-01"), day("2026-12-01")),
            Pause(Ground.APPRAISAL, day("2026-12-02")),
            on="2026-12-04",
            extension=Extension(day("2026-12-01"), "须现场核查。"),
        )
    )

    assert sentences[1] == (
        "2026-12-01 经本部门负责人批准延长 10 个工作日（行政许可法第四十二条），理由：须现场核查。"
    )
    assert (
        "因听证自 2026-11-25 起暂停，2026-11-30 恢复计算（行政许可法第四十五条），其间不计入期限。"
        in sentences
    )
    assert "因补正自 2026-12-01 起暂停，当日恢复。" in sentences
    assert (
        "因鉴定自 2026-12-02 起暂停，尚未恢复（行政许可法第四十五条），所需时间不计入期限。"
        in sentences
    )
    assert "第 30 个工作日" in sentences[-3]


@pytest.mark.parametrize(
    ("origin", "phase", "start"),
    [
        (
            Origin.RECEIVED,
            Phase.ACCEPT,
            "自收到之日 2026-11-20 的次日起算，告知是否受理的期限为 5 个",
        ),
        (Origin.RECEIVED, Phase.DECIDE, "自收到之日 2026-11-20 的次日起算，作出决定的期限为 20 个"),
        (
            Origin.DEEMED,
            Phase.DECIDE,
            "收到申请后五个工作日内未告知是否受理，自收到之日 2026-11-20",
        ),
        (Origin.PASSED_ON, Phase.DECIDE, "自上一审核环节办结转入之日 2026-11-20 的次日起算"),
    ],
)
def test_what_it_counts_from_is_said(origin, phase, start):
    first, *others = explain(told("2026-11-20", origin=origin, phase=phase))

    assert first.startswith(start)
    assert ("逾期未作出决定的，不视为同意。" in others) == (phase is Phase.DECIDE)


HEADLINES = [
    (
        told("2026-11-20", on="2026-12-15"),
        "请于 2026-12-18 前（含当日）作出决定，还剩 3 个工作日。",
        "审核部门应于 2026-12-18 前（含当日）作出决定，还剩 3 个工作日。",
    ),
    (
        told("2026-11-20", on="2026-12-18"),
        "请于 2026-12-18 前（含当日）作出决定，今天是最后一天。",
        "审核部门应于 2026-12-18 前（含当日）作出决定，今天是最后一天。",
    ),
    (
        told("2026-11-20", on="2026-12-22", is_escalated=True),
        (
            "已超过法定期限 2 个工作日，已报上级主管部门，请立即作出决定。"
            "逾期未作出决定的，不视为同意。"
        ),
        (
            "审核部门已超过法定期限 2 个工作日，已报上级主管部门督办。"
            "逾期未作出决定的，不视为同意。"
            "您可以依法申请行政复议或者提起行政诉讼（行政许可法第七条）。"
        ),
    ),
    (
        told("2026-11-20", Pause(Ground.SUPPLEMENT, day("2026-11-25")), on="2026-11-26"),
        "办理期限因补正暂停计算：已用 2 个工作日，恢复后还有 18 个工作日。",
        (
            "办理期限因补正暂停计算：已用 2 个工作日，恢复后还有 18 个工作日。"
            "请尽快按补正通知提交材料，提交后恢复计算。"
        ),
    ),
    (
        told("2026-11-20", Pause(Ground.HEARING, day("2026-11-25")), on="2026-11-26"),
        *["办理期限因听证暂停计算：已用 2 个工作日，恢复后还有 18 个工作日。"] * 2,
    ),
    (
        told("2026-11-20", phase=Phase.ACCEPT),
        (
            "请于 2026-11-27 前（含当日）告知是否受理，还剩 5 个工作日。"
            "逾期未告知的，自收到之日 2026-11-20 起视为受理（行政许可法第三十二条第一款第四项）。"
        ),
        (
            "审核部门应于 2026-11-27 前（含当日）告知是否受理，还剩 5 个工作日。"
            "逾期未告知的，自收到之日 2026-11-20 起视为受理（行政许可法第三十二条第一款第四项）。"
        ),
    ),
    (
        told("2026-11-20", phase=Phase.ACCEPT, on="2026-11-30"),
        *["告知是否受理的期限已过 1 个工作日，依法自收到之日起视为受理，系统即将登记。"] * 2,
    ),
    (
        told("2026-11-20", phase=Phase.ACCEPT, ended_on=day("2026-11-27"), is_deemed=True),
        *["自收到之日 2026-11-20 起视为受理（行政许可法第三十二条第一款第四项）。"] * 2,
    ),
    (
        told("2026-11-20", phase=Phase.ACCEPT, ended_on=day("2026-11-24")),
        *["已于 2026-11-24 结束受理环节，用时 2 个工作日。"] * 2,
    ),
    (
        told("2026-11-20", ended_on=day("2026-12-18")),
        *["本环节已于 2026-12-18 结束，用时 20 个工作日。"] * 2,
    ),
    (
        told("2026-11-20", ended_on=day("2026-12-21")),
        *["本环节已于 2026-12-21 结束，用时 21 个工作日，超过期限 1 个工作日。"] * 2,
    ),
]


@pytest.mark.parametrize(("told", "authority", "institution"), HEADLINES)
def test_each_side_is_told_what_it_has_to_know(told, authority, institution):
    assert headline(told, Side.AUTHORITY) == authority
    assert headline(told, Side.INSTITUTION) == institution


def test_days_out_are_runs_with_their_reason():
    clock = told(
        "2026-11-20", Pause(Ground.HEARING, day("2026-11-27"), day("2026-11-30")), on="2026-12-01"
    )

    assert clock.days_out[:3] == (
        DayOut(day("2026-11-21"), day("2026-11-22"), Why.WEEKEND, "周末"),
        DayOut(day("2026-11-27"), day("2026-11-29"), Why.PAUSE, "暂停"),
        DayOut(day("2026-12-05"), day("2026-12-06"), Why.WEEKEND, "周末"),
    )
    assert told("2026-02-12").made_up == (
        Named(day("2026-02-14"), "春节"),
        Named(day("2026-02-28"), "春节"),
    )
