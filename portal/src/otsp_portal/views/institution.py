"""机构管理 (manual 4): 基本信息, 办学许可证, 机构证照, 党建情况, 其他资料."""

from typing import Any, Final

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.fields import Group, layout
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.records import (
    Kind,
    Surroundings,
    create,
    edit,
    form_route,
    remove,
    restore,
)

Json = Any
views = Blueprint("institution", __name__, url_prefix="/institution")
_NAV: Final = "institution"
_TABS: Final = (
    ("/institution/basic", "基本信息"),
    ("/institution/licence", "办学许可证"),
    ("/institution/certificates", "机构证照"),
    ("/institution/party", "党建情况"),
    ("/institution/documents", "其他资料"),
)
_KEPT_NUMBERS: Final = (
    "/legal_rep/id_no",
    "/sponsors/*/id_no",
    "/actual_controller/id_no",
)

BASIC: Final = Kind(
    word="基本信息",
    service="institution",
    path="",
    change="/changes/basic-information",
    nav=_NAV,
    draft="institution",
    help_chapter="institution",
    layout=layout(
        "institution",
        Group("机构信息", ("name", "short_name", "former_names", "logo_file_id", "uscc",
                       "region_code", "registered_address", "office_address", "founded_on",
                       "first_approved_on", "has_licence")),
        Group("培训范围", ("categories", "nonsubject_types", "primary_nonsubject_type",
                       "delivery_modes", "stages", "scale")),
        Group("法人与举办者", ("legal_nature", "legal_form", "start_fund_fen", "sponsor_type",
                         "sponsors", "actual_controller", "foreign_controlled",
                         "listed_affiliate")),
        Group("法定代表人", ("legal_rep",)),
        Group("决策机构与负责人", ("board_members", "supervisors", "principal_name")),
        Group("联系人与公开电话", ("contact", "consult_tel", "complaint_tel", "website", "intro")),
        Group("分支机构", ("branches",)),
        kept=_KEPT_NUMBERS,
        hints={
            "/uscc": text("hint.uscc"),
            "/legal_rep/id_no": text("hint.idno"),
            "/region_code": text("hint.region"),
            "/founded_on": text("hint.date"),
            "/former_names": text("hint.lines"),
        },
    ),
)  # fmt: skip
LICENCE: Final = Kind(
    word="办学许可证",
    service="institution",
    path="/licence",
    change="/changes/licence",
    nav=_NAV,
    draft="school_licence",
    help_chapter="institution",
    layout=layout(
        "licence",
        Group("证载信息", ("licence_no", "name_on_licence", "address_on_licence",
                       "principal_on_licence", "issuer_name", "issuer_level",
                       "issuer_region_code", "status", "replaces_licence_no")),
        Group("许可范围", ("scope_text", "scope_categories", "scope_delivery", "scope_stages",
                       "scope_subject_codes")),
        Group("有效期与扫描件", ("issued_on", "valid_from", "valid_to", "scan_file_id")),
        hints={"/licence_no": text("hint.licence_no"), "/issuer_region_code": text("hint.region")},
    ),
)  # fmt: skip
CERTIFICATE: Final = Kind(
    word="机构证照",
    service="institution",
    path="/certificates",
    nav=_NAV,
    draft="certificate",
    help_chapter="institution",
    layout=layout(
        "certificate",
        Group("证照信息", ("cert_type", "is_primary", "cert_no", "uscc", "name_on_cert",
                       "registrar", "legal_rep_on_cert", "business_scope", "capital_fen")),
        Group("日期与扫描件", ("issued_on", "valid_from", "valid_to", "scan_file_id")),
        hints={"/uscc": text("hint.uscc"), "/capital_fen": text("hint.money")},
    ),
)  # fmt: skip
PARTY: Final = Kind(
    word="党建情况",
    service="institution",
    path="/party",
    nav=_NAV,
    draft="party",
    help_chapter="institution",
    layout=layout(
        "party",
        Group("党员", ("member_count", "probationary_count")),
        Group("党组织", ("org_form", "org_name", "parent_org", "founded_on", "secretary_name",
                      "secretary_mobile", "secretary_in_board", "charter_has_party",
                      "instructor_assigned", "instructor_name")),
        Group("党建活动", ("activity_records",)),
    ),
)  # fmt: skip
DOCUMENT: Final = Kind(
    word="其他资料",
    service="institution",
    path="/other-docs",
    nav=_NAV,
    draft="other_doc",
    help_chapter="institution",
    layout=layout(
        "other_doc",
        Group("资料", ("doc_type", "title", "file_id", "issued_on", "valid_to", "note")),
    ),
)
AUDIT_REPORT: Final = Kind(
    word="年度审计报告",
    service="institution",
    path="/audit-reports",
    nav=_NAV,
    draft="audit_report",
    help_chapter="institution",
    layout=layout("audit_report", Group("审计报告", ("year", "file_id"))),
)


def _tabs(current: str) -> list[tuple[str, str, int | None, bool]]:
    return [(href, word, None, href == current) for href, word in _TABS]


def _section(title: str, path: str) -> Surroundings:
    return Surroundings(title=title, back=path, tabs=_tabs(path))


def _one_of(kind: Kind, path: str, *, verb: str) -> Surroundings:
    return Surroundings(
        title=f"{verb}{kind.word}",
        back=path,
        crumb=[("/institution/basic", "机构管理"), (path, kind.word)],
    )


@form_route(views, "/basic")
@access.roles(*access.INSTITUTION)
def basic() -> tuple[str, int] | BaseResponse:
    return edit(BASIC, _section("机构管理：基本信息", "/institution/basic"))


@form_route(views, "/licence")
@access.roles(*access.INSTITUTION)
def licence() -> tuple[str, int] | BaseResponse:
    return edit(LICENCE, _section("机构管理：办学许可证", "/institution/licence"))


@form_route(views, "/party")
@access.roles(*access.INSTITUTION)
def party() -> tuple[str, int] | BaseResponse:
    return edit(PARTY, _section("机构管理：党建情况", "/institution/party"))


@views.get("/certificates")
@access.roles(*access.INSTITUTION)
def certificates() -> tuple[str, int]:
    """证照, the primary one first."""
    found = api().get(CERTIFICATE.collection(), limit=100)["items"]
    found.sort(key=lambda each: not each["is_primary"])
    return page(
        "institution/certificates.html",
        nav=_NAV,
        help_chapter="institution",
        tabs=_tabs("/institution/certificates"),
        certificates=found,
    )


@form_route(views, "/certificates/new")
@access.roles(*access.INSTITUTION)
def new_certificate() -> tuple[str, int] | BaseResponse:
    return create(CERTIFICATE, _one_of(CERTIFICATE, "/institution/certificates", verb="新增"))


@form_route(views, "/certificates/<uuid:certificate_id>")
@access.roles(*access.INSTITUTION)
def certificate(certificate_id: object) -> tuple[str, int] | BaseResponse:
    round_it = _one_of(CERTIFICATE, "/institution/certificates", verb="编辑")
    return edit(CERTIFICATE, round_it, str(certificate_id))


@views.route("/certificates/<uuid:certificate_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_certificate(certificate_id: object) -> tuple[str, int] | BaseResponse:
    return remove(
        CERTIFICATE, str(certificate_id), name=CERTIFICATE.word, back="/institution/certificates"
    )


@views.post("/certificates/<uuid:certificate_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_certificate(certificate_id: object) -> BaseResponse:
    return restore(CERTIFICATE, str(certificate_id), back="/institution/certificates")


@views.get("/documents")
@access.roles(*access.INSTITUTION)
def documents() -> tuple[str, int]:
    """其他资料, with the yearly audit reports below."""
    asked = api()
    papers, reports = asked.together(
        lambda: asked.get(DOCUMENT.collection(), limit=100)["items"],
        lambda: asked.get(AUDIT_REPORT.collection(), limit=100)["items"],
    )
    return page(
        "institution/documents.html",
        nav=_NAV,
        help_chapter="institution",
        tabs=_tabs("/institution/documents"),
        documents=papers,
        audit_reports=reports,
    )


@form_route(views, "/documents/new")
@access.roles(*access.INSTITUTION)
def new_document() -> tuple[str, int] | BaseResponse:
    return create(DOCUMENT, _one_of(DOCUMENT, "/institution/documents", verb="新增"))


@form_route(views, "/documents/<uuid:doc_id>")
@access.roles(*access.INSTITUTION)
def document(doc_id: object) -> tuple[str, int] | BaseResponse:
    return edit(DOCUMENT, _one_of(DOCUMENT, "/institution/documents", verb="编辑"), str(doc_id))


@views.route("/documents/<uuid:doc_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_document(doc_id: object) -> tuple[str, int] | BaseResponse:
    return remove(DOCUMENT, str(doc_id), name=DOCUMENT.word, back="/institution/documents")


@views.post("/documents/<uuid:doc_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_document(doc_id: object) -> BaseResponse:
    return restore(DOCUMENT, str(doc_id), back="/institution/documents")


@form_route(views, "/audit-reports/new")
@access.roles(*access.INSTITUTION)
def new_audit_report() -> tuple[str, int] | BaseResponse:
    return create(AUDIT_REPORT, _one_of(AUDIT_REPORT, "/institution/documents", verb="新增"))


@form_route(views, "/audit-reports/<uuid:report_id>")
@access.roles(*access.INSTITUTION)
def audit_report(report_id: object) -> tuple[str, int] | BaseResponse:
    round_it = _one_of(AUDIT_REPORT, "/institution/documents", verb="编辑")
    return edit(AUDIT_REPORT, round_it, str(report_id))


@views.route("/audit-reports/<uuid:report_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_audit_report(report_id: object) -> tuple[str, int] | BaseResponse:
    return remove(
        AUDIT_REPORT, str(report_id), name=AUDIT_REPORT.word, back="/institution/documents"
    )


@views.post("/audit-reports/<uuid:report_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_audit_report(report_id: object) -> BaseResponse:
    return restore(AUDIT_REPORT, str(report_id), back="/institution/documents")


@views.get("/")
@access.roles(*access.INSTITUTION)
def index() -> BaseResponse:
    return redirect(f"{views.url_prefix}/basic")
