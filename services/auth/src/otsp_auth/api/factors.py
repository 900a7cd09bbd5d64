"""Second factors of the own account, and their reset by somebody in charge."""

from typing import Any
from uuid import UUID

from otsp_auth.api.sessions import proof_in
from otsp_auth.commands import factors
from otsp_auth.queries.factors import FactorPage, list_factors
from otsp_auth.rules.factors import Kind
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal


def list_second_factors(principal: Principal) -> FactorPage:
    with reading() as tx:
        return list_factors(tx, principal.account_id)


def enrol_second_factor(principal: Principal, body: dict[str, Any]) -> Answer:
    proof = proof_in(body["proof"]) if "proof" in body else None
    made = factors.enrol(principal, Kind(body["kind"]), password=body["password"], proof=proof)
    return Answer(made, 201)


def confirm_second_factor(factor_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    sent = body.get("verification_id")
    made = factors.confirm(
        principal,
        UUID(factor_id),
        code=body["code"],
        verification_id=UUID(sent) if sent else None,
    )
    return Answer(made, 201)


def remove_second_factor(factor_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    factors.remove(
        principal, UUID(factor_id), password=body["password"], proof=proof_in(body["proof"])
    )
    return Answer(status=204)


def text_second_factor_code(principal: Principal) -> Answer:
    return Answer(factors.text_own_code(principal), 201)


def reset_second_factors(account_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    factors.reset_factors(principal, UUID(account_id), reason=body["reason"])
    return Answer(status=204)
