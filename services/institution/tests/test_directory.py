"""Authorities find institutions: by region, by name, by number, by what they are and do."""

import pytest
from sqlalchemy import insert

from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_institution.model import Institution, SchoolLicence

LIST = "/api/institution/v1/institutions"
PLACES = ("330106", "330105", "330201", "110108")
NAMES = ("杭州新光文化培训学校", "杭州启明艺术培训有限公司", "宁波行知学校", "北京星河在线培训学校")


@pytest.fixture
def enter(kit):
    """Institutions as they stand after their registration; without what is given otherwise."""

    def entered(name, region, licence=None, **columns):
        row = {
            "institution_id": new_id(),
            "version": 1,
            "name": name,
            "region_code": region,
            "registration_status": "approved",
            "search_text": text_of(name, columns.get("short_name") or ""),
            "search_terms": terms(name, columns.get("short_name") or ""),
        }
        engine = kit.runtime.database.autocommit
        with engine.connect() as connection:
            connection.execute(insert(Institution).values(row | columns))
            if licence is not None:
                held = {"institution_id": row["institution_id"], "version": 1, "status": "valid"}
                connection.execute(insert(SchoolLicence).values(held | licence))
        return str(row["institution_id"])

    return entered


@pytest.fixture
def four(enter):
    licences = [{"licence_no": f"教民1{place}7009901号"} for place in PLACES]
    return [
        enter(name, place, licence)
        for name, place, licence in zip(NAMES, PLACES, licences, strict=True)
    ]


@pytest.fixture
def look(kit):
    def looked(level="national", seat="000000", **query):
        answer = kit.as_authority("reviewer", level=level, region=seat).get(LIST, query=query)
        assert answer.status == 200, answer.content.decode()
        return [row["institution_id"] for row in answer.json["items"]]

    return looked


@pytest.mark.parametrize(
    ("level", "region", "seen"),
    [
        ("county", "330106", [0]),
        ("city", "330100", [0, 1]),
        ("province", "330000", [0, 1, 2]),
        ("national", "000000", [0, 1, 2, 3]),
        ("county", "510107", []),
    ],
)
def test_authority_sees_its_region_with_all_below_it(four, look, level, region, seen):
    assert sorted(look(level, region)) == sorted(four[place] for place in seen)


@pytest.mark.parametrize(
    ("asked", "seen"), [("330106", [0]), ("330100", [0, 1]), ("330000", [0, 1, 2])]
)
def test_region_is_narrowed_to_any_division_below(four, look, asked, seen):
    assert sorted(look("province", "330000", region=asked)) == sorted(four[each] for each in seen)


@pytest.mark.parametrize("asked", ["110000", "330200", "330000"])
def test_region_beyond_the_jurisdiction_is_refused(kit, four, asked):
    answer = kit.as_authority(level="city", region="330100").get(LIST, query={"region": asked})

    assert (answer.status, answer.problem) == (403, "outside-jurisdiction")
    assert "请选择本部门管辖的区划" in answer.json["detail"]


@pytest.mark.parametrize(
    ("q", "seen"),
    [
        ("新光", [0]),
        ("xinguang", [0]),
        ("hzxg", [0]),
        ("培训 杭州", [0, 1]),
        ("星河", [3]),
        ("不存在", []),
        ("教民1330106", [0]),
        ("1330106", [0]),
        ("教民13301067009901号", [0]),
        ("教民1330107", []),
    ],
)
def test_institution_is_found_by_its_name_or_its_licence(four, look, q, seen):
    assert sorted(look(q=q)) == sorted(four[each] for each in seen)


def test_institution_is_found_by_the_whole_of_its_uscc(enter, look):
    found = enter(NAMES[0], "330106", uscc="52330106MJFAKE011P")

    assert look(q="52330106mjfake011p") == [found]
    assert look(q="52330106MJFAKE012P") == []


def test_name_is_searched_from_the_moment_it_is_entered(kit, own, place, facts, decide, look):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    assert len(look(q="qiming")) == 1

    renamed = facts | {"name": "杭州新光学校", "short_name": "海燕", "former_names": ["钱塘书院"]}
    assert own.put(place, renamed, if_match=own.get(place).version).status == 200

    assert len(look(q="xinguang")) == len(look(q="海燕")) == len(look(q="qtsy")) == 1
    assert look(q="qiming") == []


def test_what_was_never_submitted_is_not_listed(own, place, facts, look):
    own.put(f"{place}/registration", facts)
    assert look() == []

    own.post(f"{place}/registration/submission")
    assert look() == [str(own.principal.institution_id)]


@pytest.mark.parametrize(
    ("name", "value", "columns"),
    [
        ("category", "subject", {"categories": ["nonsubject", "subject"]}),
        ("delivery", "online", {"delivery_modes": ["online"]}),
        ("stage", "junior", {"stages": ["primary", "junior"]}),
        ("nature", "nonprofit", {"legal_nature": "nonprofit"}),
        ("registration_status", "returned", {"registration_status": "returned"}),
        ("compliance_status", "compliant", {"compliance_status": "compliant"}),
    ],
)
def test_list_is_narrowed_by_what_an_institution_is(four, enter, look, name, value, columns):
    wanted = enter("示例学校", "330106", **columns)

    assert look(**{name: value}) == [wanted]


def test_licences_that_end_before_a_day_are_found(enter, look):
    ends = enter("将到期", "330106", {"valid_to": "2025-06-30"})
    enter("未到期", "330106", {"valid_to": "2025-07-01"})
    enter("已交回", "330106", {"valid_to": "2025-06-30", "status": "returned"})
    enter("无许可证", "330106")

    assert look(licence_expires_before="2025-07-01") == [ends]


def test_pages_follow_each_other_by_region_without_a_gap(kit, enter):
    for number in range(7):
        enter(f"示例{number}", PLACES[number % 3])
    reviewer, cursor, seen = kit.as_authority(level="province", region="330000"), None, []
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = reviewer.get(LIST, query=query).json
        seen += [(row["region_code"], row["institution_id"]) for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"q": "新"}, "/q"),
        ({"region": "999999"}, "/region"),
        ({"cursor": "xx"}, "/cursor"),
        ({"nature": "other"}, "/nature"),
        ({"licence_expires_before": "2025-02-30"}, "/licence_expires_before"),
        ({"name": "新光"}, "/name"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(kit, query, pointer):
    answer = kit.as_authority().get(LIST, query=query)

    assert (answer.status, answer.problem, answer.pointers) == (400, "bad-parameter", {pointer})


def test_institutions_do_not_look_for_each_other(own):
    assert (own.get(LIST).status, own.get(LIST).problem) == (403, "forbidden")


def test_no_line_of_the_list_names_a_person(own, place, facts, kit):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")

    told = kit.as_authority().get(LIST).content.decode()

    for personal in ("沈示例", "周示例", "13800000001", "3301991978", "example.test"):
        assert personal not in told
