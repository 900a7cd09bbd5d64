"""The catalogue as anybody reads it."""

import pytest

from otsp_chassis import clock
from otsp_compliance.rules.catalogue import all_rules


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def read(kit, world):
    """The rules of a list, over all its pages."""

    def pages(**query):
        items, cursor = [], None
        while True:
            turn = {"cursor": cursor} if cursor else {}
            answer = kit.anonymous().get(f"{world.api}/rules", query=query | turn)
            assert answer.status == 200, answer.json
            items += answer.json["items"]
            cursor = answer.json["next"]
            if cursor is None:
                return items

    return pages


def detail(kit, world, rule_id, **query):
    return kit.anonymous().get(f"{world.api}/rules/{rule_id}", query=query)


def test_everybody_reads_all_rules_of_the_day_without_an_account(read, filing_day):
    ids = [one["rule_id"] for one in read(limit=30)]

    in_force = [one.head.id for one in all_rules().in_force(filing_day.date())]
    assert ids == sorted(in_force)
    assert len(ids) == len(set(ids)) == 110  # 98 + 10 and CMP-001 to 003, less TIM-009 (2025)


def test_a_rule_says_what_it_demands_of_whom_and_by_which_law(read):
    told = {one["rule_id"]: one for one in read(family="FND", limit=100)}["FND-008"]

    assert (told["version"], told["severity"], told["family"]) == (2, "B", "FND")
    assert told["message_zh"] == "未全面使用《中小学生校外培训服务合同（示范文本）》"
    assert told["remedy_zh"].startswith("与全部学员家长签订")
    assert (told["applies_zh"], told["dimensions"]) == ("所有机构", ["general"])
    assert told["basis"][0] == {
        "text_zh": "《关于加强校外培训机构预收费监管工作的通知》（教监管函〔2021〕2号）一(二)",
        "document": "《关于加强校外培训机构预收费监管工作的通知》",
        "number": "教监管函〔2021〕2号",
        "article": "一(二)",
        "standing": "seen",
    }
    assert (told["effective_from"], told["effective_to"]) == ("2021-10-13", None)
    assert told["parameters"] == ["contract_code"]
    assert told["publication"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"family": "PTY"}, {"PTY-001", "PTY-002"}),
        ({"family": "TIM", "severity": "B*"}, set()),
        ({"family": "TIM", "severity": "B*", "on": "2025-06-01"}, {"TIM-009"}),
        ({"family": "FND", "on": "2019-07-15"}, {"FND-003"}),
        ({"dimension": "preschool", "on": "2025-06-01"}, {"TIM-009"}),
        ({"dimension": "sports"}, {"CRS-007", "STF-018"}),
        ({"dimension": "nonprofit"}, {"FND-011"}),
        ({"family": "NET", "dimension": "subject"}, {"NET-001"}),
        ({"dimension": "compulsory"}, {"LIC-007", "MAT-007"}),
        ({"on": "1990-01-01"}, {"CMP-001"}),
    ],
)
def test_filters(read, query, expected):
    assert {one["rule_id"] for one in read(**query)} == expected


def test_no_rule_is_an_empty_page(kit, world):
    answer = kit.anonymous().get(f"{world.api}/rules", query={"on": "1900-01-01"})

    assert answer.json == {"items": [], "next": None}


@pytest.mark.parametrize(
    "query", [{"family": "XYZ"}, {"severity": "A"}, {"dimension": "moon"}, {"cursor": "nonsense"}]
)
def test_what_cannot_be_asked_is_refused(kit, world, query):
    assert kit.anonymous().get(f"{world.api}/rules", query=query).status == 400


def test_a_rule_tells_all_its_versions_and_that_of_the_day(kit, world):
    today = detail(kit, world, "TIM-003").json
    before = detail(kit, world, "TIM-003", on="2021-07-23").json
    never = detail(kit, world, "TIM-003", on="2019-07-14").json

    assert [(one["version"], one["effective_from"]) for one in today["versions"]] == [
        (1, "2019-07-15"),
        (2, "2021-07-24"),
    ]
    assert (today["in_force"]["version"], before["in_force"]["version"]) == (2, 1)
    assert never["in_force"] is None
    assert never["settings"] == []


def test_a_rule_tells_the_figures_of_a_region(kit, world):
    admin = kit.as_authority("region_admin", region=world.region)
    body = {"effective_from": "2024-09-01", "overrides": {"max_lessons": 48}}
    assert admin.put(f"{world.api}/region-parameters/{world.region}", body).status == 200

    def lessons(**query):
        told = detail(kit, world, "FND-003", **query).json
        assert {one["parameter"] for one in told["settings"]} == {"max_period_days", "max_lessons"}
        (found,) = [one for one in told["settings"] if one["parameter"] == "max_lessons"]
        return found["value"], found["level"]

    assert lessons() == (60, "national")
    assert lessons(region_code=world.region) == (48, "county")
    assert lessons(region_code=world.region, on="2024-08-31") == (60, "national")


def test_what_is_not_there_is_not_found(kit, world):
    assert detail(kit, world, "TIM-099").status == 404
    assert detail(kit, world, "TIM-003", region_code="999999").status == 404
