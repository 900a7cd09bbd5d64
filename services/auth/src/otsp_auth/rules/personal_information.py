"""What is entered of the person who manages an account (manual 2.7)."""

from collections.abc import Iterator, Mapping

from otsp_contracts.values import FieldError

CONTACT = ("contact_tel", "postcode", "contact_address")
_REQUIRED = {
    "contact_tel": "请填写机构联系电话。",
    "contact_address": "请填写机构联系地址。",
}


def check_personal_information(role: str, fields: Mapping[str, str | None]) -> Iterator[FieldError]:
    """An institution is reached at its place; everybody else through the authority."""
    if role == "inst_admin":
        for name, detail in _REQUIRED.items():
            if fields.get(name) is None:
                yield FieldError(f"/{name}", "required", detail)
        return
    for name in CONTACT:
        if fields.get(name) is not None:
            detail = "只有培训机构账户填写此项，请删除。"
            yield FieldError(f"/{name}", "not_wanted", detail)
