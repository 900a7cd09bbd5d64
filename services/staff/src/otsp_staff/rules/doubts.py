"""What is stored and told: missing, doubtful, or certain to be found by the rules."""

from collections.abc import Iterator
from datetime import date

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import FieldError, TeacherCertNo
from otsp_staff.rules.rows import INSTRUCTING, StaffRow

SECTION_CODES = frozenset({MISSING, "v_09", "v_10", "v_14"})
"""Doubts that travel in the section; the others are findings of the rules there."""

YOUNGEST, OLDEST = 18, 70

_OF_CONTRACT = ("contract_no", "contract_from", "contract_file_id")
"""Not its end: a contract may be without one (无固定期限)."""
_EMPTY: tuple[object, ...] = (None, "", [])

HAPPENED = (
    "hired_on",
    "precheck_on",
    "annual_check_on",
    "in_service_declared_on",
    "inducted_on",
    "publicized_on",
)
"""V-14: days on which something is said to have happened; the rules judge some of them."""


def doubts(row: StaffRow, today: date) -> Iterator[FieldError]:
    """Of an employed person; about one who left nobody asks any more."""
    if row.status != "employed":
        return
    yield from _missing(row)
    for name in HAPPENED:
        said_on: date | None = getattr(row, name)
        if said_on is not None and said_on > today:
            yield FieldError(f"/{name}", "v_14", "日期晚于今天，请核对。")
    yield from _qualifications(row)
    if row.birth_date is not None and not YOUNGEST <= _age(row.birth_date, today) <= OLDEST:
        yield FieldError("/id_no", "v_10", "年龄不在18至70周岁之间，请核对证件号码。")
    if row.registered_twice:
        detail = "本机构已有在职人员登记了同一证件号码，请核对是否重复登记。"
        yield FieldError("/id_no", "stf_015", detail)


def _missing(row: StaffRow) -> Iterator[FieldError]:
    """Required fields that do not travel in the section: only their owner can report them."""
    instructs = row.staff_type in INSTRUCTING
    is_foreign = row.nationality not in {None, "CN"}
    required = [
        *("sex", "mobile_masked", "education", "precheck_proof_file_id"),
        *(_OF_CONTRACT if row.contract_signed else ()),
        *(("annual_check_clear",) if row.annual_check_on else ()),
        *(("in_service_declared_on",) if row.in_service_teacher is False else ()),
        *(("inducted_on",) if row.inducted else ()),
        *(("photo_file_id", "teach_experience") if instructs else ()),
        *(("publicized_on",) if instructs and row.publicized else ()),
        *(("foreign_bio",) if is_foreign else ()),
        *(("residence_permit_to",) if is_foreign and row.in_china else ()),
    ]
    for name in required:
        if getattr(row, name) in _EMPTY:
            pointer = f"/{name.removesuffix('_masked')}"
            yield FieldError(pointer, MISSING, "必填项未填写。")


def _qualifications(row: StaffRow) -> Iterator[FieldError]:
    """V-09: digit 10 of a teacher certificate's number tells its stage."""
    for index, qual in enumerate(row.quals):
        if qual["type"] != "teacher_cert" or qual["cert_no"] is None:
            continue
        place = f"/quals/{index}/cert_no"
        if not TeacherCertNo.accepts(qual["cert_no"]):
            yield FieldError(place, "v_09", "教师资格证书号码应为17位数字（旧证为15位）。")
            continue
        number = TeacherCertNo.parse(qual["cert_no"])
        if number.is_old_form:
            yield FieldError(place, "cert_old_form", "15位旧证书号码看不出资格种类，将由人工核对。")
        elif qual["stage"] is not None and number.stage != qual["stage"]:
            yield FieldError(place, "v_09", "教师资格证书号码第10位与所填资格种类不一致。")


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
