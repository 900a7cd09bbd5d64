"""What is stored and told: missing, doubtful, or certain to be found by the rules."""

from collections.abc import Iterator
from datetime import date

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import TeacherCertNo
from otsp_staff.rules.rows import INSTRUCTING, Doubt, StaffRow

SECTION_CODES = frozenset({MISSING, "v_09", "v_10"})
"""Doubts that travel in the section; the others are findings of the rules there."""

YOUNGEST, OLDEST = 18, 70


def doubts(row: StaffRow, today: date) -> Iterator[Doubt]:
    """Of an employed person; about one who left nobody asks any more."""
    if row.status != "employed":
        return
    yield from _missing(row)
    yield from _qualifications(row)
    if row.birth_date is not None and not YOUNGEST <= _age(row.birth_date, today) <= OLDEST:
        yield Doubt("v_10", "/id_no", "年龄不在18至70周岁之间，请核对证件号码。")
    if row.registered_twice:
        detail = "本机构已有在职人员登记了同一证件号码，请核对是否重复登记。"
        yield Doubt("stf_015", "/id_no", detail)


def _missing(row: StaffRow) -> Iterator[Doubt]:
    """Required fields that do not travel in the section: only their owner can report them."""
    required: dict[str, object] = {
        "sex": row.sex,
        "mobile": row.mobile_masked,
        "education": row.education,
    }
    if row.staff_type in INSTRUCTING:
        required |= {"photo_file_id": row.photo_file_id, "teach_experience": row.teach_experience}
    if row.nationality not in {None, "CN"}:
        required["foreign_bio"] = row.foreign_bio
    for name, value in required.items():
        if not value:
            yield Doubt(MISSING, f"/{name}", "必填项未填写。")


def _qualifications(row: StaffRow) -> Iterator[Doubt]:
    """V-09: digit 10 of a teacher certificate's number tells its stage."""
    for index, qual in enumerate(row.quals):
        if qual["type"] != "teacher_cert" or qual["cert_no"] is None:
            continue
        place = f"/quals/{index}/cert_no"
        if not TeacherCertNo.accepts(qual["cert_no"]):
            yield Doubt("v_09", place, "教师资格证书号码应为17位数字（旧证为15位）。")
            continue
        number = TeacherCertNo.parse(qual["cert_no"])
        if number.is_old_form:
            yield Doubt("cert_old_form", place, "15位旧证书号码不能看出资格种类，将由人工核对。")
        elif qual["stage"] is not None and number.stage != qual["stage"]:
            yield Doubt("v_09", place, "教师资格证书号码第10位与所填资格种类不一致。")


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
