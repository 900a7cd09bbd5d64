"""Findings about the data themselves: lacking, doubtful, beyond what the calendar knows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from otsp_compliance.rules.cross_checks import cross_checks
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Datum, Fault, need
from otsp_compliance.rules.registry import RuleHead, Severity, each_class, rule
from otsp_compliance.rules.sources import NONSUBJECT_OPINION, OWN
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import (
    MISSING,
    FieldWarning,
    Places,
    Section,
    Snapshot,
    asked_of,
    label_zh,
)

INCOMPLETE: Final = "CMP-001"
_BASELINE: Final = date(2021, 10, 8)
_DAWN: Final = date(1949, 10, 1)
_SCHOOL_STAGES: Final = frozenset({"primary", "junior", "senior"})
_LABELS_SHOWN: Final = 10

UNJUDGEABLE: Final = RuleHead(
    id="CMP-000",
    severity=Severity.BLOCKING,
    message_zh="数据缺失，无法判定",
    remedy_zh="补充标明的数据后重新检查",
    basis=(OWN,),
    effective_from=_DAWN,
)

_DOUBTS_ZH: Final[Mapping[str, str]] = {
    "v_01": "组织机构代码或账号格式存疑",
    "v_14": "日期晚于当日",
    "v_06": "班级起止日期超出办学许可证有效期",
    "v_09": "教师资格证书号码与资格种类不符",
    "v_10": "从业人员年龄不在18至70周岁之间",
    "v_11": "统一社会信用代码中的区划与所属区县不一致",
    "v_13": "许可证扫描件与其他机构上传的文件相同",
    "v_15": "党员人数多于从业人员人数",
}
FOR_REVIEWERS: Final = frozenset({"V-13"})
"""Warnings that tell of others: who is judged neither sees nor acknowledges them."""

_REMEDY_ZH: Final = "请核对标明的数据；确认无误的，提交时予以说明"
_REMEDIES_ZH: Final[Mapping[str, str]] = {
    "v_13": "请审核部门核对办学许可证原件，并与另一机构的扫描件比对",
}


@rule(
    id=INCOMPLETE,
    severity=Severity.BLOCKING,
    message_zh="必填项未填写",
    remedy_zh="逐项补充后重新提交",
    basis=(OWN,),
    effective_from=_DAWN,
)
def required_fields_are_filled(facts: Facts) -> Iterator[Breach]:
    """Only what is live is asked for: a draft material or a closed course need not be whole."""
    for section in _sections(facts.snapshot):
        for asked in asked_of(section, facts.circumstances):
            if not asked.is_filled:
                yield Breach(
                    () if asked.object_id is None else (asked.object_id,),
                    asked.pointer,
                    required={"doc_type": asked.doc_type} if asked.doc_type else {"present": True},
                    detail_zh=asked.label_zh,
                )


@rule(
    id="CMP-002",
    severity=Severity.WARNING,
    message_zh="本地区尚未公布该学段的中小学教学时间，未检查培训时间是否与其冲突",
    remedy_zh="无需处理；审核部门将人工核对培训时间",
    basis=(NONSUBJECT_OPINION.at(),),
    effective_from=_BASELINE,
    parameters=("school_hours",),
)
@each_class
def school_hours_are_known(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    stage = need(taught.course.stage, taught.of_course("stage"))
    if stage in _SCHOOL_STAGES and stage not in facts.region.school_hours:
        yield Fault(
            "slots", found={"stage": stage, "school_hours": None}, required={"published": True}
        )


@rule(
    id="CMP-003",
    severity=Severity.WARNING,
    message_zh="部分上课日期超出已公布的节假日安排，暂按周末及本地已设假日判定",
    remedy_zh="节假日安排公布后请重新自查",
    basis=(OWN,),
    effective_from=_BASELINE,
)
@each_class
def sessions_lie_within_the_calendar(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    beyond = [session.day for session in facts.sessions(taught) if not facts.covers(session.day)]
    if beyond:
        told: dict[str, Datum] = {"from": beyond[0].isoformat(), "sessions": len(beyond)}
        yield Fault("slots", found=told, required={"calendar": True})


def labels_zh(breaches: Iterable[Breach]) -> str:
    """The labels of empty fields, each once; a long list is cut with its number."""
    labels = list(dict.fromkeys(breach.detail_zh or breach.pointer for breach in breaches))
    shown = "、".join(labels[:_LABELS_SHOWN])
    return shown if len(labels) <= _LABELS_SHOWN else f"{shown}等{len(labels)}项"


def doubts(facts: Facts) -> Iterator[tuple[RuleHead, list[Breach]]]:
    """What the owners of the data find doubtful, or both together: warnings V-xx, one a check."""
    by_code: dict[str, list[Breach]] = defaultdict(list)
    for section in _sections(facts.snapshot):
        places = Places(section)
        for warning in section.field_warnings:
            if warning.code != MISSING:
                by_code[warning.code].append(_doubtful(warning, places))
    for code, breach in cross_checks(facts):
        by_code[code].append(breach)
    for code, breaches in sorted(by_code.items()):
        yield (
            RuleHead(
                id=code.upper().replace("_", "-"),
                severity=Severity.WARNING,
                message_zh=_DOUBTS_ZH.get(code, "数据存疑，请核对"),
                remedy_zh=_REMEDIES_ZH.get(code, _REMEDY_ZH),
                basis=(OWN,),
                effective_from=_DAWN,
            ),
            breaches,
        )


def _doubtful(warning: FieldWarning, places: Places) -> Breach:
    """It tells places and never values."""
    object_ids = () if warning.object_id is None else (warning.object_id,)
    return Breach(
        object_ids,
        places.pointer(warning),
        {"doubtful": True},
        {"sound": True},
        label_zh(warning),
    )


def _sections(snapshot: Snapshot) -> tuple[Section, ...]:
    return (snapshot.institution, snapshot.staff, snapshot.materials, snapshot.courses)
