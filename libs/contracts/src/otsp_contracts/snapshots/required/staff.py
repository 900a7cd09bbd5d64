"""Required of who works there (domain specification §2.9)."""

from datetime import timedelta
from typing import Final

from otsp_contracts.snapshots.required.field import Circumstances, RequiredField
from otsp_contracts.snapshots.staff import (
    StaffFacts,
)

_YEAR: Final = timedelta(days=365)


def _instructs(_: Circumstances, person: StaffFacts) -> bool:
    return person.staff_type in ("teaching", "research")


def _is_foreign(_: Circumstances, person: StaffFacts) -> bool:
    return person.nationality not in (None, "CN")


def _works_here_from_abroad(known: Circumstances, person: StaffFacts) -> bool:
    return _is_foreign(known, person) and bool(person.in_china)


def _a_year_here(known: Circumstances, person: StaffFacts) -> bool:
    return person.hired_on is not None and known.as_of - person.hired_on > _YEAR


STAFF: Final[tuple[RequiredField[StaffFacts], ...]] = (
    RequiredField("name", "姓名"),
    RequiredField("status", "在职状态"),
    RequiredField("id_type", "证件类型"),
    RequiredField("id_valid", "证件号码"),
    RequiredField("nationality", "国籍"),
    RequiredField("staff_type", "人员类别"),
    RequiredField("employment", "用工形式"),
    RequiredField("hired_on", "入职日期"),
    RequiredField("contract_signed", "是否签订劳动合同"),
    RequiredField("precheck_on", "招用前违法犯罪查询日期"),
    RequiredField("precheck_clear", "招用前违法犯罪查询结果"),
    RequiredField("annual_check_on", "年度查询日期", _a_year_here),
    RequiredField("prohibited", "从业禁止情形"),
    RequiredField("in_service_teacher", "是否中小学、幼儿园在职教师"),
    RequiredField("inducted", "是否完成岗前培训"),
    RequiredField("publicized", "是否已公示备案", _instructs),
    RequiredField("quals", "资质证明", _instructs),
    RequiredField("teach_subjects", "任教课程", lambda _, row: row.staff_type == "teaching"),
    RequiredField("teach_stages", "任教学段", lambda _, row: row.staff_type == "teaching"),
    RequiredField("in_china", "是否在境内", _is_foreign),
    RequiredField("work_permit_held", "来华工作许可", _works_here_from_abroad),
    RequiredField(
        "work_permit_to", "来华工作许可有效期", lambda _, row: bool(row.work_permit_held)
    ),
)
