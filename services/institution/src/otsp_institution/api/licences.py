"""The school licence and the certificates."""

from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.api import answers
from otsp_institution.api.answers import Body
from otsp_institution.commands.parts import CERTIFICATE, LICENCE
from otsp_institution.rules import rows
from otsp_institution.rules.fields import check_certificate, check_licence


def get_licence(institution_id: str, principal: Principal) -> Answer:
    return answers.show_sheet(principal, institution_id, LICENCE)


@checked(check_licence)
def put_licence(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return answers.put_sheet(
        principal, institution_id, LICENCE, place="licence", body=body, if_match=if_match
    )


def list_former_licences(
    institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[rows.FormerLicenceRow]:
    return answers.show_page(
        principal, institution_id, rows.FormerLicenceRow, cursor=cursor, limit=limit
    )


def list_certificates(
    institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[rows.CertificateRow]:
    return answers.show_page(
        principal, institution_id, rows.CertificateRow, cursor=cursor, limit=limit
    )


@checked(check_certificate)
def add_certificate(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    return answers.post_item(
        principal, institution_id, CERTIFICATE, place="certificates", body=body
    )


def get_certificate(institution_id: str, certificate_id: str, principal: Principal) -> Answer:
    return answers.show_item(principal, institution_id, CERTIFICATE, item_id=certificate_id)


@checked(check_certificate)
def replace_certificate(
    institution_id: str,
    certificate_id: str,
    principal: Principal,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    return answers.put_item(
        principal,
        institution_id,
        CERTIFICATE,
        item_id=certificate_id,
        body=body,
        if_match=if_match,
    )


def remove_certificate(
    institution_id: str, certificate_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    return answers.delete_item(
        principal, institution_id, CERTIFICATE, item_id=certificate_id, if_match=if_match
    )
