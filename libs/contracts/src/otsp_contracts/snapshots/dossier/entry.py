"""What all parts of a dossier share: closed records, the scalar types, and the codes.

A dossier is typed by people. A member that is left out may be completed by the command, one that is
set to null stays null: `model_fields_set` tells the two apart. What a rule judges is not refused
here; refused are unknown members, wrong types, unknown codes, impossible dates, and numbers of
organisations and persons whose check digit is wrong.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from otsp_contracts.values import (
    USCC,
    CitizenId,
    Code,
    Email,
    InvalidValue,
    Mobile,
    Region6,
    Tel,
    TimeOfDay,
    Zip6,
    normalise_text,
)

Stage = Literal["preschool", "primary", "junior", "senior", "vocational", "adult"]
Category = Literal["subject", "nonsubject"]
DeliveryMode = Literal["online", "offline"]
Delivery = Literal["offline", "online_live", "online_recorded"]
NonsubjectType = Literal["sports", "culture_arts", "science_tech", "other"]
Level = Literal["national", "province", "city", "county"]
IdType = Literal["cnid", "passport", "hk_mo_permit", "tw_permit", "foreign_pr"]
ReviewResult = Literal["pass", "fail", "pending"]
QualType = Literal[
    "teacher_cert",
    "ntce_pass",
    "professional_cert",
    "coach_title",
    "social_sport_instructor",
    "sport_skill_level",
    "pe_teacher_cert",
    "vocational_skill_level",
    "provincial_recognised",
    "art_title",
    "foreign_teaching_cert",
]


class Entry(BaseModel):
    """A record of a dossier. Unknown members are errors: they are most often misspelt ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _as_day(value: object) -> object:
    """Dates as YAML reads them, or as ISO text; no timestamps, no numbers."""
    if isinstance(value, datetime) or not isinstance(value, date | str | None):
        raise InvalidValue("wrong_type", "应为日期，如2024-10-15")
    if isinstance(value, str):
        try:
            return date.fromisoformat(normalise_text(value))
        except ValueError:
            raise InvalidValue("bad_date", "日期不存在或格式错误，应如2024-10-15") from None
    return value


def _as_name(value: object) -> object:
    """A bare number is a name too: people number their rows, and YAML reads `7` as one."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _scaled(places: int, detail_zh: str) -> Callable[[object], object]:
    """Turns a decimal number into whole units of 10^-places; what is finer is refused."""

    def convert(value: object) -> object:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise InvalidValue("wrong_type", detail_zh)
        try:
            units = Decimal(str(value)).scaleb(places)
            whole = units.to_integral_exact() if units.is_finite() else None
        except InvalidOperation:
            whole = None
        if whole is None or whole != units:
            raise InvalidValue("out_of_range", detail_zh)
        if whole < 0:
            raise InvalidValue("out_of_range", "不得为负数")
        return int(whole)

    return convert


def _code_text(kind: type[Code]) -> AfterValidator:
    def normalised(text: str) -> str:
        return str(kind.parse(text))

    return AfterValidator(normalised)


def _clock_text(text: str) -> str:
    return str(TimeOfDay.parse(text))


Text = Annotated[str, AfterValidator(normalise_text)]
Reference = Annotated[
    str, BeforeValidator(_as_name), AfterValidator(normalise_text), Field(min_length=1)
]
"""A name that holds inside one dossier only; the platform gives its own ids."""
WholeNumber = Annotated[int, Strict()]
Count = Annotated[int, Strict(), Field(ge=0)]
YesNo = Annotated[bool, Strict()]
Day = Annotated[date, BeforeValidator(_as_day)]
ClockTime = Annotated[str, AfterValidator(_clock_text)]
CentiM2 = Annotated[int | None, BeforeValidator(_scaled(2, "面积应为数字（平方米），最多两位小数"))]
BasisPoints = Annotated[int | None, BeforeValidator(_scaled(4, "比例应为数字，最多四位小数"))]
PercentBp = Annotated[int, BeforeValidator(_scaled(2, "百分比应为数字，最多两位小数"))]
UsccText = Annotated[str, _code_text(USCC)]
RegionCode = Annotated[str, _code_text(Region6)]
MobileText = Annotated[str, _code_text(Mobile)]
TelText = Annotated[str, _code_text(Tel)]
EmailText = Annotated[str, _code_text(Email)]
ZipText = Annotated[str, _code_text(Zip6)]
Nationality = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
SubjectCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def checked_id_no(id_no: str | None, id_type: str | None, nationality: str | None) -> str | None:
    """A citizen number must be sound; the numbers of other documents are taken as they are.

    Without a type it is a citizen number, unless the nationality says otherwise.
    """
    if id_no is None:
        return None
    kind = id_type or ("cnid" if nationality in (None, "CN") else "passport")
    return str(CitizenId.parse(id_no)) if kind == "cnid" else normalise_text(id_no)
