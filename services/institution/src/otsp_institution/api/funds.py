"""Supervision of prepaid fees, accounts, the contract, the charges."""

from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.api import answers
from otsp_institution.api.answers import Body
from otsp_institution.commands.parts import BASIC_ACCOUNT, CONTRACT, FEE_ITEM, SUPERVISION
from otsp_institution.rules import rows
from otsp_institution.rules.fields import check_fee_item


def get_supervision(institution_id: str, principal: Principal) -> Answer:
    return answers.show_sheet(principal, institution_id, SUPERVISION)


def put_supervision(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    place = "funds/supervision"
    return answers.put_sheet(
        principal, institution_id, SUPERVISION, place=place, body=body, if_match=if_match
    )


def get_basic_account(institution_id: str, principal: Principal) -> Answer:
    return answers.show_sheet(principal, institution_id, BASIC_ACCOUNT)


def put_basic_account(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    place = "funds/basic-account"
    return answers.put_sheet(
        principal, institution_id, BASIC_ACCOUNT, place=place, body=body, if_match=if_match
    )


def get_contract(institution_id: str, principal: Principal) -> Answer:
    return answers.show_sheet(principal, institution_id, CONTRACT)


def put_contract(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return answers.put_sheet(
        principal, institution_id, CONTRACT, place="funds/contract", body=body, if_match=if_match
    )


def list_fee_items(
    institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[rows.FeeItemRow]:
    return answers.show_page(principal, institution_id, rows.FeeItemRow, cursor=cursor, limit=limit)


@checked(check_fee_item)
def add_fee_item(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    return answers.post_item(
        principal, institution_id, FEE_ITEM, place="funds/fee-items", body=body
    )


def get_fee_item(institution_id: str, fee_item_id: str, principal: Principal) -> Answer:
    return answers.show_item(principal, institution_id, FEE_ITEM, item_id=fee_item_id)


@checked(check_fee_item)
def replace_fee_item(
    institution_id: str,
    fee_item_id: str,
    principal: Principal,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    return answers.put_item(
        principal, institution_id, FEE_ITEM, item_id=fee_item_id, body=body, if_match=if_match
    )


def remove_fee_item(
    institution_id: str, fee_item_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    return answers.delete_item(
        principal, institution_id, FEE_ITEM, item_id=fee_item_id, if_match=if_match
    )
