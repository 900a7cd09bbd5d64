"""Which fields of a person are personal (domain specification §2.9, classes 2 and 3; §5.3).

Of those who teach or research, the law has name, education and photo published; of the others they
are personal too. Numbers, telephones and certificates have masks; all else is told or it is not.
"""

from typing import Final

from otsp_staff.rules.rows import INSTRUCTING

PERSONAL: Final[tuple[str, ...]] = (
    "sex",
    "nationality",
    "birth_date",
    "in_service_teacher",
    "in_service_declared_on",
)
"""Class 2: an authority reads them while a case of the institution lies with it."""

PERSONAL_UNLESS_PUBLIC: Final[tuple[str, ...]] = ("education", "photo_file_id")
"""Class 2 as well, but of those who teach or research."""

SCANS: Final[tuple[str, ...]] = ("contract_file_id",)
"""An authority looks at scans within its case only."""

SENSITIVE: Final[tuple[str, ...]] = (
    "precheck_on",
    "precheck_proof_file_id",
    "annual_check_on",
    "in_china",
    "work_permit_to",
    "residence_permit_to",
)
"""Class 3 that answers tell the institution, and an authority by a look in clear alone."""

RESULTS: Final[tuple[str, ...]] = ("precheck_clear", "annual_check_clear", "prohibited")
"""Class 3 of which everybody who reads of a person at all reads the result."""

TOLD_IN_CASE: Final[tuple[str, ...]] = (
    "name",
    "mobile",
    *PERSONAL,
    *PERSONAL_UNLESS_PUBLIC,
    "quals[].cert_no",
)
"""What an authority reads in clear while it has a case, as the trail names it."""


def is_public(staff_type: str | None) -> bool:
    """Whether name, photo, education and experience are published."""
    return staff_type in INSTRUCTING
