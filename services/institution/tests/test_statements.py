"""What lies under supervision is stated month by month; what was stated is never changed."""

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested

SEPTEMBER = {
    "month": "2024-09",
    "cycle_total_fen": 4_224_000,
    "balance_fen": 3_000_000,
    "unspent_lessons_fen": 2_800_000,
    "deposit_balance_fen": 0,
    "as_of": "2024-09-30",
}
REASON = "漏记一笔退费"


@pytest.fixture
def statements(place):
    return f"{place}/funds/statements"


@pytest.fixture
def stated(own, statements):
    return own.post(statements, SEPTEMBER).json


def correction(of, **changes):
    return SEPTEMBER | {"corrects_id": of["statement_id"], "reason": REASON} | changes


def test_statement_is_shown_as_it_was_stated(own, statements):
    answer = own.post(statements, SEPTEMBER)

    assert answer.status == 201, answer.content.decode()
    assert SEPTEMBER.items() <= answer.json.items()
    assert (answer.json["corrects_id"], answer.json["corrected_by"]) == (None, None)
    assert answer.json["stated_on"] == clock.today().isoformat()
    assert own.get(answer.headers["Location"]).json == answer.json


def test_month_is_stated_once(own, statements, stated):
    again = own.post(statements, SEPTEMBER | {"balance_fen": 1})

    assert (again.status, again.problem) == (409, "institution-statement-exists")
    assert "以更正方式重新报送" in again.json["detail"]
    assert [each["balance_fen"] for each in own.get(statements).json["items"]] == [3_000_000]


def test_correction_is_a_new_row_that_names_the_old_one(own, statements, stated):
    answer = own.post(statements, correction(stated, balance_fen=2_900_000))

    assert answer.status == 201
    latest, first = own.get(statements).json["items"]
    assert (latest["balance_fen"], latest["corrects_id"]) == (2_900_000, stated["statement_id"])
    assert (latest["reason"], latest["corrected_by"]) == (REASON, None)
    assert first == stated | {"corrected_by": latest["statement_id"]}


def test_statement_is_corrected_once_and_its_correction_again(own, statements, stated):
    second = own.post(statements, correction(stated, balance_fen=2)).json
    refused = own.post(statements, correction(stated, balance_fen=3))
    third = own.post(statements, correction(second, balance_fen=3))

    assert (refused.status, refused.problem) == (409, "institution-statement-corrected")
    assert third.status == 201
    assert [each["balance_fen"] for each in own.get(statements).json["items"]] == [3, 2, 3_000_000]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"as_of": "2024-10-01"}, "/as_of", "outside_month"),
        ({"as_of": "2024-08-31"}, "/as_of", "outside_month"),
        ({"reason": REASON}, "/corrects_id", "required"),
        ({"corrects_id": str(new_id())}, "/reason", "required"),
        ({"corrects_id": str(new_id()), "reason": REASON}, "/corrects_id", "unknown_statement"),
        ({"month": "2024-13", "as_of": None}, "/month", "bad_pattern"),
        ({"balance_fen": -1}, "/balance_fen", "too_small"),
        ({"balance_fen": 1.5}, "/balance_fen", "wrong_type"),
    ],
)
def test_what_is_no_statement_is_refused(own, statements, changes, pointer, code):
    refused = own.post(statements, SEPTEMBER | changes)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert {(each["pointer"], each["code"]) for each in refused.json["errors"]} == {(pointer, code)}
    assert own.get(statements).json["items"] == []


def test_correction_is_of_the_same_month_and_the_same_institution(kit, own, statements, stated):
    other = new_id()
    elsewhere = f"/api/institution/v1/institutions/{other}/funds/statements"

    october = own.post(statements, correction(stated, month="2024-10", as_of="2024-10-31"))
    theirs = kit.as_institution(other).post(elsewhere, correction(stated))

    assert october.pointers == theirs.pointers == {"/corrects_id"}


def test_latest_month_shows_in_the_supervision(own, place, statements, stated):
    own.put(f"{place}/funds/supervision", {"mode": "bank_custody"})
    assert own.get(f"{place}/funds/supervision").json["latest_statement"] == stated

    own.post(statements, SEPTEMBER | {"month": "2024-08", "as_of": "2024-08-31"})
    corrected = own.post(statements, correction(stated, balance_fen=2)).json

    assert own.get(f"{place}/funds/supervision").json["latest_statement"] == corrected


def test_supervision_without_a_statement_says_so(own, place):
    answer = own.put(f"{place}/funds/supervision", {"mode": "bank_custody"})

    assert answer.json["latest_statement"] is None


def test_statement_of_a_day_to_come_is_told_as_doubtful(own, place, statements):
    own.put(f"{place}/funds/supervision", {"mode": "exempt_post_pay"})
    own.post(statements, {"month": "2999-01", "as_of": "2999-01-31"})

    warnings = own.get(f"{place}/funds/supervision").json["warnings"]

    assert [(each["pointer"], each["code"]) for each in warnings] == [
        ("/latest_statement/as_of", "v_14")
    ]


def test_section_carries_the_figures_as_the_rules_read_them(
    kit, own, place, institution_id, facts, statements
):
    own.put(f"{place}/registration", facts)
    own.put(f"{place}/funds/supervision", {"mode": "bank_custody", "bank_name": "示例银行"})
    own.post(statements, SEPTEMBER | {"month": "2999-01", "as_of": "2999-01-31"})
    request = {"request_id": new_id(), "institution_id": institution_id, "as_of": clock.today()}
    kit.deliver(SnapshotRequested(**request, purpose="self_check", sections=("institution",)))

    [*_, sent] = (each for each in kit.published() if "snapshot_provided" in each.type)
    data = sent.data["data"]
    supervision = data["funds"]["supervision"]

    assert (supervision["bank_name"], supervision["balance_fen"]) == ("示例银行", 3_000_000)
    assert (supervision["cycle_total_fen"], supervision["as_of"]) == (4_224_000, "2999-01-31")
    assert {"code": "v_14", "object_id": None, "pointer": "/funds/supervision/as_of"} in data[
        "field_warnings"
    ]


def test_list_is_by_month_page_by_page(own, statements):
    for month in range(1, 8):
        own.post(statements, {"month": f"2024-{month:02d}"})
    first = own.get(statements, query={"limit": 4}).json
    second = own.get(statements, query={"limit": 4, "cursor": first["next"]}).json

    months = [each["month"] for each in first["items"] + second["items"]]
    assert months == [f"2024-{month:02d}" for month in range(7, 0, -1)]
    assert second["next"] is None
    one = own.get(statements, query={"month": "2024-03"}).json["items"]
    assert [each["month"] for each in one] == ["2024-03"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funds_statement SET balance_fen = 1",
        "DELETE FROM funds_statement",
        "TRUNCATE funds_statement",
    ],
)
def test_database_refuses_to_change_what_was_stated(kit, stated, statement):
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(kit.runtime.database.url) as service, refused:
        service.execute(statement)


@pytest.mark.parametrize(
    "changes",
    [
        {"month": "2024-1"},
        {"as_of": "2024-10-01"},
        {"balance_fen": -1},
        {"reason": REASON},
        {"corrects_id": new_id(), "reason": REASON},
    ],
)
def test_database_refuses_what_is_no_statement(kit, institution_id, stated, changes):
    row = SEPTEMBER | {"month": "2024-08", "as_of": "2024-08-31"} | changes
    row |= {"statement_id": new_id(), "institution_id": institution_id, "stated_on": "2024-09-01"}
    names = ", ".join(row)
    slots = ", ".join(f"%({name})s" for name in row)

    with psycopg.connect(kit.owner_url) as owner, pytest.raises(psycopg.errors.IntegrityError):
        owner.execute(f"INSERT INTO funds_statement ({names}) VALUES ({slots})", row)


def test_statement_leaves_a_change_in_the_history(own, place, stated):
    [told] = own.get(f"{place}/history", query={"part": "funds_statement"}).json["items"]

    assert (told["kind"], told["object_id"]) == ("added", stated["statement_id"])
    assert {each["label_zh"] for each in told["fields"]} >= {"月份", "托管余额", "监管数据日期"}


def test_authority_of_the_region_reads_statements_and_never_makes_them(
    kit, own, place, facts, statements, stated
):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    reviewer, elsewhere = kit.as_authority(), kit.as_authority(region="110108")
    one = f"{statements}/{stated['statement_id']}"

    assert reviewer.get(statements).json["items"] == [reviewer.get(one).json] == [stated]
    assert elsewhere.get(one).problem == elsewhere.get(statements).problem == "outside-jurisdiction"
    assert reviewer.post(statements, SEPTEMBER).problem == "forbidden"
    assert kit.as_institution(new_id()).get(one).problem == "other-institution"


def test_repetition_with_the_same_key_states_nothing_twice(own, statements):
    answers = [own.post(statements, SEPTEMBER, key="statement-1") for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
