"""机构管理 (manual 4): 基本信息, 办学许可证, 机构证照, 党建情况, 其他资料."""

from typing import Any, Final

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.fields import Group, layout
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.records import Kind, Surroundings, edit, form_route, offer

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


for _kind, _path, _listed in (
    (CERTIFICATE, "/certificates", ("/institution/certificates", "机构证照")),
    (DOCUMENT, "/documents", ("/institution/documents", "其他资料")),
    (AUDIT_REPORT, "/audit-reports", ("/institution/documents", "其他资料")),
):
    offer(views, _kind, _path, listed=_listed, above=("/institution/basic", "机构管理"))


@views.get("/")
@access.roles(*access.INSTITUTION)
def index() -> BaseResponse:
    return redirect(f"{views.url_prefix}/basic")
