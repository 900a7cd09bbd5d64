"""The list of people as a file: its columns, as the institution sees its own people, and as an
authority without a case does.

Nothing of privacy class 3 is in it (domain specification §2.9); numbers are masks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from otsp_chassis.exports.listed import ExportedList
from otsp_chassis.pii import decrypt, mask_id, mask_mobile
from otsp_chassis.sheets import Column, Kind
from otsp_contracts.values import CitizenId, InvalidValue
from otsp_contracts.values.teaching import STAGES_ZH, SUBJECTS_ZH
from otsp_staff.queries.listing import listed_columns, listed_people, told_masked
from otsp_staff.rules import codes
from otsp_staff.rules.employment import STATUS_LABELS_ZH
from otsp_staff.rules.privacy import PERSONAL
from otsp_staff.rules.rows import Experience, Qual


def _number(sealed: bytes) -> str:
    return mask_id(decrypt(sealed))


def _birth_date(sealed: bytes) -> date | None:
    try:
        return CitizenId.parse(decrypt(sealed)).birth_date
    except InvalidValue:
        return None


def _mobile(sealed: bytes) -> str:
    return mask_mobile(decrypt(sealed))


def _quals(quals: Sequence[Qual]) -> str | None:
    told = (_qual(each) for each in quals)
    return "；".join(filter(None, told)) or None


def _qual(qual: Qual) -> str:
    stage, subject = qual.get("stage"), qual.get("subject")
    parts = (
        codes.QUALIFICATIONS_ZH.get(qual["type"], qual["type"]),
        qual.get("cert_no"),
        stage and codes.CERTIFIED_STAGES_ZH.get(stage, stage),
        subject and SUBJECTS_ZH.get(subject, subject),
    )
    return " ".join(filter(None, parts))


def _experience(posts: Sequence[Experience]) -> str | None:
    return "；".join(_post(each) for each in posts) or None


def _post(post: Experience) -> str:
    period = f"{post.get('from') or ''}至{post.get('to') or '今'}"
    return " ".join(filter(None, (period, post.get("org"), post.get("post"))))


COLUMNS: Mapping[str, Column] = {
    "name": Column("姓名"),
    "status": Column("在职状态", labels=STATUS_LABELS_ZH),
    "staff_type": Column("人员类别", labels=codes.STAFF_TYPES_ZH),
    "employment": Column("用工形式", labels=codes.EMPLOYMENTS_ZH),
    "sex": Column("性别", labels=codes.SEXES_ZH, width=8),
    "nationality": Column("国籍", labels=codes.NATIONALITIES_ZH),
    "id_masked": Column("证件号码", width=22, tell=_number),
    "birth_date": Column("出生日期", Kind.DATE, tell=_birth_date),
    "mobile_masked": Column("手机号", width=14, tell=_mobile),
    "education": Column("学历", labels=codes.EDUCATIONS_ZH),
    "graduated_from": Column("毕业院校", width=22),
    "major": Column("专业"),
    "hired_on": Column("入职日期", Kind.DATE),
    "contract_signed": Column("是否签订劳动合同", Kind.YES_NO),
    "contract_no": Column("劳动合同编号", width=18),
    "contract_from": Column("劳动合同起始日期", Kind.DATE),
    "contract_to": Column("劳动合同终止日期", Kind.DATE),
    "social_insurance": Column("是否已缴社保", Kind.YES_NO),
    "in_service_teacher": Column("是否中小学、幼儿园在职教师", Kind.YES_NO),
    "in_service_declared_on": Column("非在职教师声明日期", Kind.DATE),
    "inducted": Column("是否完成岗前培训", Kind.YES_NO),
    "inducted_on": Column("岗前培训日期", Kind.DATE),
    "publicized": Column("是否已公示备案", Kind.YES_NO),
    "publicized_on": Column("公示备案日期", Kind.DATE),
    "teach_subjects": Column("任教课程", Kind.CODES, SUBJECTS_ZH, width=22),
    "teach_stages": Column("任教学段", Kind.CODES, STAGES_ZH),
    "quals": Column("资质证明", width=40, tell=_quals),
    "teach_experience": Column("从教经历", width=40, tell=_experience),
    "foreign_bio": Column("外籍人员学习工作教学经历", width=30),
    "departed_on": Column("离职日期", Kind.DATE),
    "depart_reason": Column("离职原因", labels=codes.DEPARTURES_ZH),
    "staff_id": Column("人员编号", width=38, tell=str),
}

_MASKS = ("id_masked", "mobile_masked")
MASKED_COLUMNS: Mapping[str, Column] = {
    name: replace(column, tell=None) if name in _MASKS else column
    for name, column in COLUMNS.items()
    if name not in PERSONAL
}
"""Less what the list withholds of everybody; its rows are masked before they come here."""

_LIST = ExportedList(
    name_zh="从业人员",
    part="staff",
    operation="otsp_staff.api.people.list_staff",
    columns=COLUMNS,
    query=listed_columns,
)
EXPORTED = {
    "staff": replace(
        _LIST,
        masked=replace(
            _LIST,
            columns=MASKED_COLUMNS,
            query=listed_people,
            tell=partial(told_masked, names=tuple(MASKED_COLUMNS)),
        ),
    )
}
