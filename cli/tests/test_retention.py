"""`otsp retention`: what is past its time of keeping is counted, and let go of."""

from otsp_chassis.ids import new_id

PERSON = {
    "name": "周甲",
    "existing": True,
    "status": "departed",
    "departed_on": "2001-03-01",
    "depart_reason": "resigned",
}


def enter(kits):
    client = kits["staff"].as_institution(new_id())
    path = f"/api/staff/v1/institutions/{client.principal.institution_id}/staff"
    assert client.post(path, PERSON).status == 201


def test_dry_run_counts_what_is_due_and_ends_with_1(otsp, kits):
    enter(kits)

    told = otsp("retention", "staff", "--dry-run")

    assert told.code == 1
    line = "staff.departed_people: 1 due, 0 let go of (3 years after the person left"
    assert told.out.startswith(line)


def test_dry_run_needs_the_database_s_address_and_no_key(otsp, kits, without_keys):
    enter(kits)

    assert otsp("retention", "staff", "--dry-run").code == 1
    assert otsp("retention", "staff").code == 2


def test_run_lets_go_and_the_next_finds_nothing(otsp, kits):
    enter(kits)

    first, second = otsp("retention", "--json"), otsp("retention", "--json")

    def people(told):
        [row] = [row for row in told.rows if row["term"] == "departed_people"]
        return row["service"], row["due"], row["let_go"]

    assert (first.code, people(first)) == (0, ("staff", 1, 1))
    assert (second.code, people(second)) == (0, ("staff", 0, 0))


def test_trail_names_the_operator(otsp, kits):
    enter(kits)
    otsp("retention", "staff")

    auditor = kits["staff"].as_authority("auditor", region="000000", level="national")
    query = {"action": "staff.anonymised"}
    [entry] = auditor.get("/api/staff/v1/audit-entries", query=query).json["items"]
    assert entry["role"].startswith("operator")
