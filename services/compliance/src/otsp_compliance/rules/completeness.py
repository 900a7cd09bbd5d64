"""Findings about the data themselves: lacking, doubtful, beyond what the calendar knows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from otsp_compliance.rules.cross_checks import cross_checks
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Datum, Fault, need
from otsp_compliance.rules.registry import RuleHead, Severity, each_class, rule
from otsp_compliance.rules.required import empty_fields
from otsp_compliance.rules.sources import NONSUBJECT_OPINION, OWN
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import (
    MISSING,
    CoursesSection,
    FieldWarning,
    InstitutionSection,
    MaterialsSection,
    Section,
    Snapshot,
    StaffSection,
)

INCOMPLETE: Final = "CMP-001"
_BASELINE: Final = date(2021, 10, 8)
_DAWN: Final = date(1949, 10, 1)
_SCHOOL_STAGES: Final = frozenset({"primary", "junior", "senior"})
_LABELS_SHOWN: Final = 10
_State = tuple[Datum, Datum]
LACKING: Final[_State] = (None, {"present": True})
DOUBTFUL: Final[_State] = ({"doubtful": True}, {"sound": True})
"""What an owner's warning comes to as found and required: it tells places and never values."""
_SOME_FIELD: Final = "其他必填项"

UNJUDGEABLE: Final = RuleHead(
    id="CMP-000",
    severity=Severity.BLOCKING,
    message_zh="数据缺失，无法判定",
    remedy_zh="补充标明的数据后重新检查",
    basis=(OWN,),
    effective_from=_DAWN,
)

LABELS_ZH: Final[Mapping[str, str]] = {
    "photo_file_id": "照片",
    "sex": "性别",
    "mobile": "手机号",
    "birth_date": "出生日期",
    "education": "学历",
    "teach_experience": "从教经历",
    "foreign_bio": "外籍人员学习工作教学经历",
    "sponsors": "举办者",
    "sponsor_type": "举办者类型",
    "actual_controller": "实际控制人",
    "board_members": "决策机构成员",
    "supervisors": "监事",
    "consult_tel": "咨询电话",
    "complaint_tel": "投诉举报电话",
    "website": "网址",
    "scale": "办学规模",
    "scope_text": "办学内容",
    "business_scope": "业务（经营）范围",
    "price_filing_no": "价格备案（批复）文号",
    "refund_policy": "退费办法",
    "publicity_place": "公示位置",
    "fire_responsible": "消防安全责任人",
    "contact_name": "办学点联系人",
    "security_officer": "网络安全负责人",
    "complaint_url": "投诉举报链接",
    "syllabus": "培训内容",
    "isbn": "书号",
    "copyright_note": "版权说明",
    "file_id": "材料文件",
    "edition": "版次",
    "bank_branch": "开户（托管）支行",
    "agreement_no": "监管协议编号",
    "agreement_signed_on": "监管协议签订日期",
    "agreement_file_id": "监管协议文件",
    "open_permit_no": "基本存款账户编号",
    "proof_file_id": "基础账户证明文件",
    "cooling_off_days": "全额退费期限",
    "refund_days": "退费办结期限",
    "secretary_name": "党组织书记姓名",
}
"""Labels of fields that do not travel in a section; their owner reports them when empty."""

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
    empty = list(empty_fields(facts))
    yield from empty
    told = {breach.pointer for breach in empty}
    for breach in _reported_missing(facts.snapshot):
        if breach.pointer not in told:
            told.add(breach.pointer)
            yield breach


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
        places = _places(section)
        for warning in section.field_warnings:
            if warning.code != MISSING:
                by_code[warning.code].append(_anchored(warning, places, DOUBTFUL))
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


def _reported_missing(snapshot: Snapshot) -> Iterator[Breach]:
    for section in _sections(snapshot):
        places = _places(section)
        for warning in section.field_warnings:
            if warning.code == MISSING:
                yield _anchored(warning, places, LACKING)


def _anchored(warning: FieldWarning, places: Mapping[str | None, str], state: _State) -> Breach:
    field = warning.pointer.strip("/")
    steps = field.split("/")
    row = places.get(warning.object_id, "")
    if warning.object_id is None and steps[0] in InstitutionSection.model_fields:
        row = ""
    label_zh = next((LABELS_ZH[step] for step in reversed(steps) if step in LABELS_ZH), _SOME_FIELD)
    object_ids = () if warning.object_id is None else (warning.object_id,)
    return Breach(object_ids, f"{row}/{field}", *state, label_zh)


def _sections(snapshot: Snapshot) -> tuple[Section, ...]:
    return (snapshot.institution, snapshot.staff, snapshot.materials, snapshot.courses)


def _places(section: Section) -> Mapping[str | None, str]:
    """The pointer of each row by its id; without an id the institution itself is meant."""
    places: dict[str | None, str] = {None: "/institution"}
    if isinstance(section, InstitutionSection):
        places |= _row_places("/certificates", (row.certificate_id for row in section.certificates))
        places |= _row_places(
            "/funds/fee_items", (row.fee_item_id for row in section.funds.fee_items)
        )
        places |= _row_places("/other_docs", (row.doc_id for row in section.other_docs))
    elif isinstance(section, StaffSection):
        places |= _row_places("/staff", (row.staff_id for row in section.staff))
    elif isinstance(section, MaterialsSection):
        places |= _row_places("/materials", (row.material_id for row in section.materials))
    elif isinstance(section, CoursesSection):
        places |= _row_places("/sites", (row.site_id for row in section.sites))
        places |= _row_places("/systems", (row.system_id for row in section.systems))
        places |= _row_places("/courses", (row.course_id for row in section.courses))
        for number, course in enumerate(section.courses):
            classes = (row.class_id for row in course.classes)
            places |= _row_places(f"/courses/{number}/classes", classes)
    return places


def _row_places(pointer: str, row_ids: Iterable[str | None]) -> dict[str | None, str]:
    return {
        row_id: f"{pointer}/{number}" for number, row_id in enumerate(row_ids) if row_id is not None
    }
