"""The lists of the institution's file as files: their columns."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from otsp_chassis.exports.listed import ExportedList, Filters
from otsp_chassis.sheets import Column, Kind
from otsp_contracts.values.teaching import CATEGORIES_ZH, STAGES_ZH, SUBJECTS_ZH
from otsp_institution.queries import directory, parts, statements
from otsp_institution.rules import codes, rows
from otsp_institution.rules.labels import LABELS

Named = tuple[str, Column]


def _of(part: str, name: str, kind: Kind = Kind.TEXT, **more: Any) -> Named:  # noqa: ANN401
    """Under the title that the form has for the field."""
    return name, Column(LABELS[part][1][f"/{name}"], kind, **more)


def _extra_items(items: Sequence[rows.ExtraItem]) -> str | None:
    told = (f"{each['name']} {each['amount_fen'] / 100:.2f}元" for each in items)
    return "；".join(told) or None


FEE_ITEM_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("fee_item", "name", width=26),
        _of("fee_item", "charge_mode", labels=codes.CHARGE_MODES_ZH),
        _of("fee_item", "lesson_count", Kind.INTEGER),
        ("period_days", Column("一次性收费时间跨度（天）", Kind.INTEGER, width=22)),
        ("amount_fen", Column("一次性收费金额（元）", Kind.MONEY, width=20)),
        _of("fee_item", "advance_days", Kind.INTEGER),
        _of("fee_item", "remaining_lessons", Kind.INTEGER),
        _of("fee_item", "extra_items", width=30, tell=_extra_items),
        _of("fee_item", "payment_plan", labels=codes.PAYMENT_PLANS_ZH),
        _of("fee_item", "publicized", Kind.YES_NO),
        _of("fee_item", "publicized_on", Kind.DATE),
        _of("fee_item", "publicity_place", width=26),
        _of("fee_item", "price_filing_no", width=22),
        _of("fee_item", "training_loan", Kind.YES_NO),
        _of("fee_item", "refund_policy", width=40),
    ]
)

STATEMENT_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("funds_statement", "month"),
        ("cycle_total_fen", Column("所有学员单个收费周期费用总额（元）", Kind.MONEY, width=30)),
        ("balance_fen", Column("托管余额（元）", Kind.MONEY, width=18)),
        ("unspent_lessons_fen", Column("未消课资金（元）", Kind.MONEY, width=18)),
        ("deposit_balance_fen", Column("保证金余额（元）", Kind.MONEY, width=18)),
        _of("funds_statement", "as_of", Kind.DATE),
        _of("funds_statement", "stated_on", Kind.DATE),
        ("is_correction", Column("是否为更正", Kind.YES_NO)),
        _of("funds_statement", "reason", width=30),
        ("is_corrected", Column("是否已被更正", Kind.YES_NO)),
    ]
)

CERTIFICATE_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("certificate", "cert_type", width=22, labels=codes.CERTIFICATES_ZH),
        _of("certificate", "is_primary", Kind.YES_NO),
        _of("certificate", "cert_no", width=22),
        _of("certificate", "uscc", width=22),
        _of("certificate", "name_on_cert", width=26),
        _of("certificate", "registrar", width=22),
        _of("certificate", "legal_rep_on_cert"),
        _of("certificate", "business_scope", width=30),
        ("capital_fen", Column("注册资金（元）", Kind.MONEY, width=18)),
        _of("certificate", "issued_on", Kind.DATE),
        _of("certificate", "valid_from", Kind.DATE),
        _of("certificate", "valid_to", Kind.DATE),
    ]
)

OTHER_DOC_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("other_doc", "doc_type", width=22, labels=codes.DOCUMENTS_ZH),
        _of("other_doc", "title", width=30),
        _of("other_doc", "issued_on", Kind.DATE),
        _of("other_doc", "valid_to", Kind.DATE),
        _of("other_doc", "note", width=30),
    ]
)

AUDIT_REPORT_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("audit_report", "year", Kind.INTEGER),
        ("file_id", Column("是否已上传报告", Kind.YES_NO, tell=bool)),
    ]
)

FORMER_LICENCE_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("school_licence", "licence_no", width=22),
        ("replaced_on", Column("换发日期", Kind.DATE)),
        _of("school_licence", "name_on_licence", width=26),
        _of("school_licence", "address_on_licence", width=36),
        _of("school_licence", "principal_on_licence"),
        _of("school_licence", "issuer_name", width=22),
        _of("school_licence", "issuer_level", labels=codes.LEVELS_ZH),
        _of("school_licence", "issuer_region_code"),
        _of("school_licence", "scope_text", width=30),
        _of("school_licence", "scope_categories", Kind.CODES, labels=CATEGORIES_ZH),
        _of("school_licence", "scope_delivery", Kind.CODES, labels=codes.DELIVERY_MODES_ZH),
        _of("school_licence", "scope_stages", Kind.CODES, labels=STAGES_ZH),
        _of("school_licence", "scope_subject_codes", Kind.CODES, width=22, labels=SUBJECTS_ZH),
        _of("school_licence", "valid_from", Kind.DATE),
        _of("school_licence", "valid_to", Kind.DATE),
        _of("school_licence", "issued_on", Kind.DATE),
        _of("school_licence", "replaces_licence_no", width=22),
        _of("school_licence", "status", labels=codes.LICENCE_STATUSES_ZH),
    ]
)


def _parts(
    kind: type[rows.Part], name_zh: str, *, part: str, operation: str, columns: Mapping[str, Column]
) -> ExportedList[UUID]:
    def query(institution_id: UUID, _filters: Filters, names: Sequence[str]) -> Select[Any]:
        return parts.listed_columns(kind, institution_id, names)

    return ExportedList(
        name_zh=name_zh,
        part=part,
        operation=f"otsp_institution.api.{operation}",
        columns=columns,
        query=query,
    )


INSTITUTION_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("institution", "name", width=30),
        _of("institution", "short_name", width=18),
        _of("institution", "uscc", width=22),
        _of("institution", "region_code"),
        _of("institution", "categories", Kind.CODES, labels=CATEGORIES_ZH),
        _of("institution", "delivery_modes", Kind.CODES, labels=codes.DELIVERY_MODES_ZH),
        _of("institution", "nonsubject_types", Kind.CODES, labels=codes.NONSUBJECT_TYPES_ZH),
        _of("institution", "stages", Kind.CODES, width=18, labels=STAGES_ZH),
        _of("institution", "legal_nature", labels=codes.NATURES_ZH),
        ("registration_status", Column("注册状态", labels=codes.REGISTRATIONS_ZH)),
        _of("institution", "compliance_status", labels=codes.COMPLIANCES_ZH),
        ("submitted_on", Column("注册提交日期", Kind.DATE)),
        _of("institution", "consult_tel", width=14),
        ("licence_no", Column("许可证编号", width=22)),
        ("licence_valid_to", Column("许可证有效期止", Kind.DATE)),
    ]
)

DIRECTORY = {
    "institutions": ExportedList(
        name_zh="培训机构",
        part="directory",
        operation="otsp_institution.api.directory.list_institutions",
        columns=INSTITUTION_COLUMNS,
        query=directory.listed_columns,
    )
}
"""What authorities read of the institutions of their region; nothing of it names a person."""

EXPORTED = {
    "fee_items": _parts(
        rows.FeeItemRow,
        "收费信息",
        part="fee_item",
        operation="funds.list_fee_items",
        columns=FEE_ITEM_COLUMNS,
    ),
    "statements": ExportedList(
        name_zh="资金月报",
        part="funds_statement",
        operation="otsp_institution.api.statements.list_statements",
        columns=STATEMENT_COLUMNS,
        query=statements.listed_columns,
    ),
    "certificates": _parts(
        rows.CertificateRow,
        "机构证照",
        part="certificate",
        operation="licences.list_certificates",
        columns=CERTIFICATE_COLUMNS,
    ),
    "other_docs": _parts(
        rows.OtherDocRow,
        "其他资料",
        part="other_doc",
        operation="documents.list_other_docs",
        columns=OTHER_DOC_COLUMNS,
    ),
    "audit_reports": _parts(
        rows.AuditReportRow,
        "年度审计报告",
        part="audit_report",
        operation="documents.list_audit_reports",
        columns=AUDIT_REPORT_COLUMNS,
    ),
    "former_licences": _parts(
        rows.FormerLicenceRow,
        "历史办学许可证",
        part="former_licence",
        operation="licences.list_former_licences",
        columns=FORMER_LICENCE_COLUMNS,
    ),
}
