"""What is refused at the field (domain specification §4.6); what a rule judges never is (D16).

The checks receive a request body less the fields that its schema refused, so any may be absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from otsp_contracts.values import CitizenId, FieldError, InvalidValue, normalise_code

Fields = Mapping[str, Any]
"""A request body: its schema knows the types."""

_DEPARTURE = ("departed_on", "depart_reason")


def kind_of_id(fields: Fields) -> str | None:
    """The type of the number: as told; left out it follows from the nationality.

    A type that is told to be null stays null, because the rules report it as missing.
    """
    if "id_type" in fields:
        kind: str | None = fields["id_type"]
        return kind
    if fields.get("id_no") is None:
        return None
    return "cnid" if fields.get("nationality") in {None, "CN"} else "passport"


def clean_number(kind: str | None, number: str) -> str:
    """The number in its one spelling, so that equal numbers have equal blind indexes."""
    return str(CitizenId.parse(number)) if kind == "cnid" else normalise_code(number)


def check_number(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-01: a citizen number has a real day of birth and a right check digit."""
    number = fields.get("id_no")
    if number is None or kind_of_id(fields) != "cnid":
        return
    try:
        CitizenId.parse(number, today)
    except InvalidValue as fault:
        yield FieldError("/id_no", fault.code, f"{fault.detail_zh}。")


def check_staff(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-01, V-02."""
    yield from check_number(fields, today)
    yield from _in_order(fields, "contract_from", "contract_to")
    for index, qual in enumerate(fields.get("quals") or []):
        if qual is not None:
            yield from _in_order(qual, "issued_on", "valid_to", place=f"/quals/{index}")
    for index, post in enumerate(fields.get("teach_experience") or []):
        if post is not None:
            yield from _in_order(post, "from", "to", place=f"/teach_experience/{index}")


def check_new_staff(fields: Fields, today: date) -> Iterator[FieldError]:
    """A new person is employed; only who is entered as existing may have left already."""
    yield from check_staff(fields, today)
    has_left = fields.get("status") == "departed"
    if has_left and not fields.get("existing"):
        detail = "新增人员只能为在职；登记已离职的人员请标明 existing。"
        yield FieldError("/status", "not_initial", detail)
    for name in _DEPARTURE:
        if fields.get(name) is not None and not has_left:
            yield FieldError(f"/{name}", "not_departed", "在职人员不能填写离职信息。")
    if has_left:
        yield from days_to_come(fields, ("departed_on",), today)
        yield from _in_order(fields, "hired_on", "departed_on")


def check_search(fields: Fields, today: date) -> Iterator[FieldError]:
    """A type alone would find everybody."""
    if fields.get("id_no") is None and fields.get("mobile_last4") is None:
        yield FieldError("", "no_criterion", "请填写完整的证件号码，或手机号后四位。")
    yield from check_number(fields, today)


def check_departure(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-14."""
    yield from days_to_come(fields, ("departed_on",), today)


def check_reinstatement(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-02, V-14."""
    yield from days_to_come(fields, ("hired_on", "precheck_on"), today)
    yield from _in_order(fields, "contract_from", "contract_to")


def days_to_come(fields: Fields, names: Sequence[str], today: date) -> Iterator[FieldError]:
    """V-14 for what is being done now; a fact that is entered is told as a doubt instead."""
    for name in names:
        day = fields.get(name)
        if day is not None and date.fromisoformat(day) > today:
            yield FieldError(f"/{name}", "in_the_future", "日期不能晚于今天。")


def _in_order(fields: Fields, first: str, last: str, *, place: str = "") -> Iterator[FieldError]:
    """V-02."""
    begins, ends = fields.get(first), fields.get(last)
    if begins and ends and date.fromisoformat(ends) < date.fromisoformat(begins):
        yield FieldError(f"{place}/{last}", "before_start", "结束日期不能早于开始日期。")
