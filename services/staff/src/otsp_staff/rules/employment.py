"""Who may go and who may return (domain specification §3.6), as data and guards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from otsp_contracts.values import FieldError

STEPS: Mapping[tuple[str, str], str] = {
    ("employed", "depart"): "departed",
    ("departed", "reinstate"): "employed",
}
"""(status, action) → status. What is not here is refused."""

STATUS_LABELS_ZH: Mapping[str, str] = {"employed": "在职", "departed": "离职"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person returns on."""

    hired_on: date
    contract_signed: bool
    precheck_on: date
    precheck_clear: bool


def departure_faults(hired_on: date | None, departed_on: date) -> Iterator[FieldError]:
    if hired_on is not None and departed_on < hired_on:
        yield FieldError("/departed_on", "before_hiring", "离职日期不能早于入职日期。")


def reinstatement_faults(departed_on: date | None, terms: Terms) -> Iterator[FieldError]:
    """A new hiring day, a contract, and a check of records made for this hiring and clear."""
    if departed_on is not None and terms.hired_on < departed_on:
        yield FieldError("/hired_on", "before_departure", "重新入职日期不能早于离职日期。")
    if not terms.contract_signed:
        yield FieldError("/contract_signed", "contract_required", "重新入职须签订劳动合同。")
    if departed_on is not None and terms.precheck_on < departed_on:
        detail = "须在离职之后重新查询违法犯罪记录，不能沿用原查询结果。"
        yield FieldError("/precheck_on", "not_fresh", detail)
    elif terms.precheck_on > terms.hired_on:
        detail = "违法犯罪记录应在重新入职前查询。"
        yield FieldError("/precheck_on", "after_hiring", detail)
    if not terms.precheck_clear:
        detail = "查询结果有违法犯罪记录的，不得聘用。"
        yield FieldError("/precheck_clear", "not_clear", detail)
