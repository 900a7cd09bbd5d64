"""The meters of four services and the rule CMP-001 name the same places of one institution."""

SERVICES = ("institution", "staff", "materials", "courses")


def meters(town, sample, session):
    """The places that lack, as the four services tell them."""
    found = {}
    for service in SERVICES:
        for part in session.get(town.path(sample, service, "completeness"))["sections"]:
            assert part["required"] - part["filled"] == len(part["missing"])
            found |= {each["pointer"]: each["label_zh"] for each in part["missing"]}
    return found


def checked(town, sample):
    """The places and labels of CMP-001, and the places that other rules find fault with."""
    findings = [one for group in town.self_check(sample)["findings"].values() for one in group]
    breaches = [(one["rule_id"], each) for one in findings for each in one["breaches"]]
    incomplete = {
        each["pointer"]: each["detail_zh"] for rule, each in breaches if rule == "CMP-001"
    }
    return incomplete, {each["pointer"] for rule, each in breaches if rule != "CMP-001"}


def assert_agreed(town, sample):
    told, (incomplete, elsewhere) = meters(town, sample, town.clerk(sample)), checked(town, sample)

    assert incomplete.items() <= told.items()
    assert told.keys() - incomplete.keys() <= elsewhere
    return incomplete


def test_whole_dossier_lacks_nothing(town):
    assert assert_agreed(town, "A") == {}
    assert meters(town, "A", town.clerk("A")) == {}


def test_dossier_with_holes_in_every_service_lacks_the_same_to_all(town):
    clerk = town.clerk("C")
    for part in ("party", "funds/supervision", "funds/contract"):
        path = town.path("C", "institution", part)
        clerk.put(path, {})
    [person, *_] = clerk.list_all(town.path("C", "staff", "staff"))
    staff = town.path("C", "staff", "staff", person["staff_id"])
    clerk.put(staff, {"name": person["name"], "nationality": "US"})
    [site, *_] = clerk.list_all(town.path("C", "courses", "sites"))
    clerk.put(town.path("C", "courses", "sites", site["site_id"]), {"name": site["name"]})
    town.platform.settle()

    incomplete = assert_agreed(town, "C")

    for part in ("/party/", "/funds/", "/staff/", "/sites/"):
        assert any(pointer.startswith(part) for pointer in incomplete), part


def test_authority_reads_the_same(town):
    reviewer = town.reviewer("510107")

    assert meters(town, "C", reviewer) == meters(town, "C", town.clerk("C"))
