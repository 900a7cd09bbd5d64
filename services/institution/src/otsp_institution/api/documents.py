"""Party building, typed attachments, audit reports."""

from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.api import answers
from otsp_institution.api.answers import Body
from otsp_institution.commands.parts import AUDIT_REPORT, OTHER_DOC, PARTY
from otsp_institution.rules import rows
from otsp_institution.rules.fields import check_other_doc


def get_party(institution_id: str, principal: Principal) -> Answer:
    return answers.show_sheet(principal, institution_id, PARTY)


def put_party(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return answers.put_sheet(
        principal, institution_id, PARTY, place="party", body=body, if_match=if_match
    )


def list_other_docs(
    institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[rows.OtherDocRow]:
    return answers.show_page(
        principal, institution_id, rows.OtherDocRow, cursor=cursor, limit=limit
    )


@checked(check_other_doc)
def add_other_doc(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    return answers.post_item(principal, institution_id, OTHER_DOC, place="other-docs", body=body)


def get_other_doc(institution_id: str, doc_id: str, principal: Principal) -> Answer:
    return answers.show_item(principal, institution_id, OTHER_DOC, item_id=doc_id)


@checked(check_other_doc)
def replace_other_doc(
    institution_id: str, doc_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return answers.put_item(
        principal, institution_id, OTHER_DOC, item_id=doc_id, body=body, if_match=if_match
    )


def remove_other_doc(
    institution_id: str, doc_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    return answers.delete_item(
        principal, institution_id, OTHER_DOC, item_id=doc_id, if_match=if_match
    )


def list_audit_reports(
    institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[rows.AuditReportRow]:
    return answers.show_page(
        principal, institution_id, rows.AuditReportRow, cursor=cursor, limit=limit
    )


def add_audit_report(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    return answers.post_item(
        principal, institution_id, AUDIT_REPORT, place="audit-reports", body=body
    )


def get_audit_report(institution_id: str, audit_report_id: str, principal: Principal) -> Answer:
    return answers.show_item(principal, institution_id, AUDIT_REPORT, item_id=audit_report_id)


def replace_audit_report(
    institution_id: str,
    audit_report_id: str,
    principal: Principal,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    return answers.put_item(
        principal,
        institution_id,
        AUDIT_REPORT,
        item_id=audit_report_id,
        body=body,
        if_match=if_match,
    )


def remove_audit_report(
    institution_id: str, audit_report_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    return answers.delete_item(
        principal, institution_id, AUDIT_REPORT, item_id=audit_report_id, if_match=if_match
    )
