"""What an institution may remove, and restore within the day."""

from collections.abc import Mapping

from otsp_chassis.removals import Removable
from otsp_institution.model import AuditReport, Certificate, FeeItem, OtherDoc

REMOVABLE: Mapping[str, Removable] = {
    "certificate": Removable(
        Certificate.__table__, "certificate_id", name="cert_no", place="certificates/{object_id}"
    ),
    "other_doc": Removable(
        OtherDoc.__table__, "doc_id", name="title", place="other-docs/{object_id}"
    ),
    "audit_report": Removable(
        AuditReport.__table__, "audit_report_id", name="year", place="audit-reports/{object_id}"
    ),
    "fee_item": Removable(
        FeeItem.__table__, "fee_item_id", name="name", place="funds/fee-items/{object_id}"
    ),
}
