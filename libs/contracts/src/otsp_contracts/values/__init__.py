"""Value types: text that people type becomes a value once, at the edge, or is refused there.

Each type has `parse(text) -> value`, which raises InvalidValue. The `is_x` predicates say whether
`parse` would succeed; the HTTP seam uses them as string formats.
"""

from otsp_contracts.values.code import Code, InvalidValue, normalise_code, normalise_text
from otsp_contracts.values.contact import (
    BankAccount,
    Email,
    Mobile,
    Region6,
    Tel,
    Zip6,
    is_bank_account,
    is_email,
    is_mobile,
    is_region6,
    is_tel,
    is_zip6,
)
from otsp_contracts.values.faults import FieldError
from otsp_contracts.values.identity import (
    USCC,
    CitizenId,
    cnid_check_digit,
    is_cnid,
    is_uscc,
    organisation_check_digit,
    uscc_check_digit,
)
from otsp_contracts.values.permits import (
    IcpNo,
    LicenceNo,
    MlpsNo,
    PsbNo,
    TeacherCertNo,
    VatLicenceNo,
    is_icp_no,
    is_licence_no,
    is_mlps_no,
    is_psb_no,
    is_teacher_cert_no,
    is_vat_licence_no,
)
from otsp_contracts.values.quantities import Fen, Period, TimeOfDay, is_time_hm

__all__ = [
    "USCC",
    "BankAccount",
    "CitizenId",
    "Code",
    "Email",
    "Fen",
    "FieldError",
    "IcpNo",
    "InvalidValue",
    "LicenceNo",
    "MlpsNo",
    "Mobile",
    "Period",
    "PsbNo",
    "Region6",
    "TeacherCertNo",
    "Tel",
    "TimeOfDay",
    "VatLicenceNo",
    "Zip6",
    "cnid_check_digit",
    "is_bank_account",
    "is_cnid",
    "is_email",
    "is_icp_no",
    "is_licence_no",
    "is_mlps_no",
    "is_mobile",
    "is_psb_no",
    "is_region6",
    "is_teacher_cert_no",
    "is_tel",
    "is_time_hm",
    "is_uscc",
    "is_vat_licence_no",
    "is_zip6",
    "normalise_code",
    "normalise_text",
    "organisation_check_digit",
    "uscc_check_digit",
]
