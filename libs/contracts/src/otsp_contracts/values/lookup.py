"""What a search means by its one word: a number of the institution, or a name."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from otsp_contracts.values.code import normalise_code

_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_LICENCE: Final = re.compile(r"(教民)?(\d{6,15})号?")


@dataclass(frozen=True, slots=True)
class Sought:
    """`text` as the column holds it; of a licence its beginning is enough."""

    by: Literal["uscc", "licence_no", "name"]
    text: str


def sought(q: str) -> Sought:
    """18 characters of a USCC, the digits of a licence from the region on, or else a name."""
    code = normalise_code(q)
    if _USCC.fullmatch(code):
        return Sought("uscc", code)
    licence = _LICENCE.fullmatch(code)
    if licence is not None:
        ending = "号" if code.endswith("号") else ""
        return Sought("licence_no", f"教民{licence[2]}{ending}")
    return Sought("name", q)
