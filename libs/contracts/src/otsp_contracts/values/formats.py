"""The `format:` names that openapi.yaml files may use for the field's own value types.

Each check answers None for a good value, else the code and the zh-CN sentence of the refusal.
"""

from collections.abc import Callable, Mapping
from typing import Any

from otsp_contracts.values.code import InvalidValue
from otsp_contracts.values.contact import BankAccount, Email, Mobile, Region6, Tel, Zip6
from otsp_contracts.values.identity import USCC, CitizenId

FormatCheck = Callable[[str], tuple[str, str] | None]


def _check(parse: Callable[[str], Any]) -> FormatCheck:
    def check(text: str) -> tuple[str, str] | None:
        try:
            parse(text)
        except InvalidValue as fault:
            return fault.code, f"{fault.detail_zh}。"
        return None

    return check


FORMATS: Mapping[str, FormatCheck] = {
    "uscc18": _check(USCC.parse),
    "cnid18": _check(CitizenId.parse),
    "region6": _check(Region6.parse),
    "mobile": _check(Mobile.parse),
    "tel": _check(Tel.parse),
    "zip6": _check(Zip6.parse),
    "email": _check(Email.parse),
    "bank_acct": _check(BankAccount.parse),
}
