"""Whose account a USCC is, auth knows from what the institution service tells (§1.6)."""

from otsp_auth.queries.recovery_rows import accounts_of
from otsp_chassis.db import reading

USCC_OF_A = "52330106MJFAKE011P"


def test_registered_institution_is_found_by_its_number(town):
    with town.platform.kits["auth"].active(), reading() as reader:
        [found] = accounts_of(reader, USCC_OF_A)

    assert found.institution_name == "杭州示例启明文化培训学校"
    assert (found.status, found.compliance_status) == ("active", "not_applied")


def test_region_administrator_reaches_the_accounts_of_the_region_alone(town):
    office = town.supervision.office("education", "county", "330106")
    session = town.supervision.as_role(office, "region_admin")

    found = session.list_all("/api/auth/v1/accounts", role="inst_admin")

    assert [each["institution_id"] for each in found] == [town.desks["A"].institution_id]
