"""The meters of four services and the rule CMP-001 name the same places of one institution."""

import pytest

LABELS_ZH = {
    "institution": "机构基本信息",
    "licence": "办学许可证",
    "certificates": "机构证照",
    "party": "党建情况",
    "other_docs": "其他资料",
    "funds": "资金管理",
    "staff": "从业人员",
    "materials": "培训材料",
    "sites": "办学点",
    "systems": "业务系统",
    "courses": "培训课程",
}
SERVICES = ("institution", "staff", "materials", "courses")


def meters(session, home="/api/compliance/v1/home"):
    """The places that lack, as the four services tell them where the home page says."""
    home = session.get(home)
    found = {}
    for owner in home["completeness"]:
        told = session.get(owner["path"])
        assert_one_shape(told)
        found |= {
            each["pointer"]: each["label_zh"]
            for part in told["sections"]
            for each in part["missing"]
        }
    assert [owner["service"] for owner in home["completeness"]] == list(SERVICES)
    return found


def assert_one_shape(told):
    """What a page that puts the four together counts on."""
    assert told.keys() == {"required", "filled", "percent", "sections"}
    for part in told["sections"]:
        assert part.keys() == {*told, "section", "label_zh", "missing"} - {"sections"}
        assert part["required"] - part["filled"] == len(part["missing"])
        assert LABELS_ZH[part["section"]] == part["label_zh"]
        assert all(each.keys() == {"pointer", "label_zh", "object_id"} for each in part["missing"])
    for each in (told, *told["sections"]):
        assert each["required"]
        assert each["percent"] == each["filled"] * 100 // each["required"]
    for count in ("required", "filled"):
        assert told[count] == sum(part[count] for part in told["sections"])


def checked(town, sample):
    """The places and labels of CMP-001, and the places that other rules find fault with."""
    findings = [one for group in town.self_check(sample)["findings"].values() for one in group]
    breaches = [(one["rule_id"], each) for one in findings for each in one["breaches"]]
    incomplete = {
        each["pointer"]: each["detail_zh"] for rule, each in breaches if rule == "CMP-001"
    }
    return incomplete, {each["pointer"] for rule, each in breaches if rule != "CMP-001"}


def assert_agreed(town, sample):
    told, (incomplete, elsewhere) = meters(town.clerk(sample)), checked(town, sample)

    assert incomplete.items() <= told.items()
    assert told.keys() - incomplete.keys() <= elsewhere
    return incomplete


def test_whole_dossier_lacks_nothing(town):
    assert assert_agreed(town, "A") == {}
    assert meters(town.clerk("A")) == {}


@pytest.mark.parametrize("sample", ["B", "C"])
def test_dossier_as_it_is_lacks_the_same_to_all(town, sample):
    assert_agreed(town, sample)


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
    home = f"/api/compliance/v1/home/{town.desks['C'].institution_id}"

    assert meters(town.reviewer("510107"), home) == meters(town.clerk("C"))
