"""What is refused at the field (domain specification §4.6); what a rule judges never is (D16).

The checks receive a request body less the fields that its schema refused, so any may be absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from otsp_contracts import regions
from otsp_contracts.values import CitizenId, FieldError, InvalidValue
from otsp_institution.rules.identity import id_type_of
from otsp_institution.rules.rows import InstitutionRow, LicenceRow

Fields = Mapping[str, Any]
"""A request body: its schema knows the types."""

MAX_FEN = 1_000_000_000
WHOLE_BP = 10_000
_CONSIDERED = (
    ("name", "机构名称"),
    ("region_code", "所属区县"),
    ("categories", "培训类别"),
    ("delivery_modes", "培训方式"),
    ("stages", "培训对象"),
    ("legal_nature", "机构属性"),
)


def check_institution(fields: Fields) -> Iterator[FieldError]:
    """V-01, V-03 and V-08. A null is not judged: it is still to be filled in."""
    yield from _check_region(fields)
    yield from _check_types(fields)
    yield from _check_id_no("/legal_rep", fields.get("legal_rep") or {})
    yield from _check_id_no("/actual_controller", fields.get("actual_controller") or {})
    sponsors = fields.get("sponsors") or ()
    for number, sponsor in enumerate(sponsors):
        yield from _check_id_no(f"/sponsors/{number}", sponsor or {})
    yield from _check_shares(sponsors)


def check_licence(fields: Fields) -> Iterator[FieldError]:
    """V-02."""
    yield from _in_order(fields, "valid_from", "有效期止不能早于有效期起。")


def check_certificate(fields: Fields) -> Iterator[FieldError]:
    """V-02."""
    yield from _in_order(fields, "valid_from", "有效期止不能早于有效期起。")


def check_other_doc(fields: Fields) -> Iterator[FieldError]:
    """V-02."""
    yield from _in_order(fields, "issued_on", "有效期止不能早于出具日期。")


def check_fee_item(fields: Fields) -> Iterator[FieldError]:
    """V-07."""
    yield from _check_amount("/amount_fen", fields.get("amount_fen"))
    for number, item in enumerate(fields.get("extra_items") or ()):
        amount = item.get("amount_fen") if isinstance(item, dict) else None
        yield from _check_amount(f"/extra_items/{number}/amount_fen", amount)


def check_statement(fields: Fields) -> Iterator[FieldError]:
    """Its day lies in its month; whoever corrects says why."""
    month, as_of = fields.get("month"), fields.get("as_of")
    if month is not None and as_of is not None and not as_of.startswith(month):
        detail = "数据日期应在所报月份之内，请核对月份和数据日期。"
        yield FieldError("/as_of", "outside_month", detail)
    corrects, reason = fields.get("corrects_id"), fields.get("reason")
    if corrects is not None and reason is None:
        yield FieldError("/reason", "required", "更正月报须填写更正原因，不少于 5 个字。")
    elif corrects is None and reason is not None:
        detail = "首次报送不填写更正原因；更正已报送的月报，请指明被更正的月报。"
        yield FieldError("/corrects_id", "required", detail)


def lacking_for_submission(row: InstitutionRow) -> Iterator[FieldError]:
    """What the authority is found by, and reviews; without it there is nobody to submit to."""
    for name, label in _CONSIDERED:
        if not getattr(row, name):
            yield FieldError(f"/{name}", "required", f"请填写{label}后再提交。")
    if "nonsubject" in row.categories and not row.nonsubject_types:
        yield FieldError("/nonsubject_types", "required", "请填写非学科类别后再提交。")
    elif row.nonsubject_types and row.primary_nonsubject_type is None:
        yield FieldError(
            "/primary_nonsubject_type", "required", "有多个非学科类别的，请指定主要类别后再提交。"
        )


def lacking_of_licence(row: InstitutionRow, licence: LicenceRow | None) -> Iterator[FieldError]:
    """Whoever says that there is a licence shows it with the registration (domain §2.2)."""
    if not row.has_licence:
        return
    if licence is None or licence.licence_no is None:
        detail = "已取得办学许可证的，请先在办学许可证中填写许可证编号，再提交注册。"
        yield FieldError("/licence/licence_no", "required", detail)
    if licence is None or licence.scan_file_id is None:
        detail = "已取得办学许可证的，请先在办学许可证中上传正副本扫描件，再提交注册。"
        yield FieldError("/licence/scan_file_id", "required", detail)


def _check_region(fields: Fields) -> Iterator[FieldError]:
    code = fields.get("region_code")
    if code is not None and not regions.is_lowest(code):
        yield FieldError("/region_code", "not_a_county", "请选择到区县一级（不设区县的市选到市）。")


def _check_types(fields: Fields) -> Iterator[FieldError]:
    categories, types = fields.get("categories"), fields.get("nonsubject_types")
    if categories and types is not None:
        if "nonsubject" in categories and not types:
            detail = "选择了非学科类的，请填写非学科类别。"
            yield FieldError("/nonsubject_types", "required", detail)
        elif "nonsubject" not in categories and types:
            detail = "未选择非学科类的，不填写非学科类别。"
            yield FieldError("/nonsubject_types", "not_applicable", detail)
    primary = fields.get("primary_nonsubject_type")
    if primary is not None and primary not in (types or ()):
        detail = "主要非学科类别应是所填非学科类别之一。"
        yield FieldError("/primary_nonsubject_type", "not_among_types", detail)


def _check_id_no(pointer: str, person: Fields) -> Iterator[FieldError]:
    number = person.get("id_no")
    if number is None:
        return
    if id_type_of(person.get("id_type"), person.get("nationality")) != "cnid":
        return
    try:
        CitizenId.parse(number)
    except InvalidValue as fault:
        yield FieldError(f"{pointer}/id_no", fault.code, f"{fault.detail_zh}。")


def _check_shares(sponsors: Sequence[Fields | None]) -> Iterator[FieldError]:
    """V-08. A share that its schema refused leaves nothing to add up."""
    told = [each["share_bp"] for each in sponsors if each is not None and "share_bp" in each]
    if not told or len(told) < len(sponsors):
        return
    total = sum(told)
    if total != WHOLE_BP:
        detail = f"举办者出资比例合计为{total / 100:g}%，应为100%，请核对各举办者的出资比例。"
        yield FieldError("/sponsors", "v_08", detail)


def _in_order(fields: Fields, first: str, detail: str) -> Iterator[FieldError]:
    start, end = fields.get(first), fields.get("valid_to")
    if start is not None and end is not None and end < start:
        yield FieldError("/valid_to", "before_start", detail)


def _check_amount(pointer: str, amount: int | None) -> Iterator[FieldError]:
    if amount is not None and not 0 < amount <= MAX_FEN:
        detail = "金额应大于 0 且不超过 1000 万元。"
        yield FieldError(pointer, "out_of_range", detail)


__all__: Sequence[str] = (
    "Fields",
    "check_certificate",
    "check_fee_item",
    "check_institution",
    "check_licence",
    "check_other_doc",
    "check_statement",
    "lacking_for_submission",
    "lacking_of_licence",
)
