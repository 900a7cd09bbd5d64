"""Sponsors: their shares come to the whole, their numbers are known to nobody but the service."""

import base64
import json

import pytest
from sqlalchemy import text

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested

NUMBER, PASSPORT = "330199197803129904", "X0000002"
SHEN = {"name": "沈示例", "id_type": "cnid", "id_no": NUMBER, "share_bp": 6_000}
QIN = {"name": "秦示例", "id_type": "passport", "id_no": PASSPORT, "share_bp": 4_000}
MASKS = ["330***********9904", "X00*0002"]


def without_number(sponsor, **changes):
    return {name: value for name, value in sponsor.items() if name != "id_no"} | changes


def masks(answer):
    return [sponsor["id_masked"] for sponsor in answer.json["sponsors"]]


def lacking(answer):
    told = {each["pointer"] for each in answer.json["warnings"] if each["code"] == "missing"}
    return {pointer for pointer in told if pointer.startswith("/sponsors")}


@pytest.fixture
def put(own, place):  # replaces the sponsors, with nothing else in the file
    def replace(*sponsors, **facts):
        found = own.get(place)
        version = found.version if found.status == 200 else None
        return own.put(place, {"sponsors": list(sponsors)} | facts, if_match=version)

    return replace


@pytest.fixture
def stored(kit):
    def read():
        with kit.runtime.database.engine.connect() as reader:
            return reader.execute(text("SELECT sponsors FROM institution")).scalar_one()

    return read


def test_sponsors_are_told_as_they_were_entered_but_for_their_numbers(own, place, put):
    entered = put(SHEN, QIN)

    assert entered.status == 201, entered.content
    shown = [without_number(SHEN, id_masked=MASKS[0]), without_number(QIN, id_masked=MASKS[1])]
    assert entered.json["sponsors"] == own.get(place).json["sponsors"] == shown


def test_number_without_a_type_is_a_citizens_and_is_cleaned(kit, put, stored):
    typed = {"name": "沈示例", "id_no": "３３０１９９ 197803129904 ", "share_bp": 10_000}

    [sponsor] = put(typed).json["sponsors"]

    assert (sponsor["id_type"], sponsor["id_masked"]) == ("cnid", MASKS[0])
    assert stored()[0]["id_hmac"] == kit.runtime.cipher.blind_index(NUMBER).hex()


def test_number_of_a_sponsor_is_kept_encrypted(kit, put, stored):
    put(SHEN, QIN)

    kept = stored()

    assert NUMBER not in json.dumps(kept)
    assert PASSPORT not in json.dumps(kept)
    assert [kit.runtime.cipher.decrypt(base64.b64decode(each["id_no"])) for each in kept] == [
        NUMBER,
        PASSPORT,
    ]
    assert kept[0]["id_hmac"] == kit.runtime.cipher.blind_index(NUMBER).hex()


def test_number_of_a_sponsor_leaves_the_service_in_no_answer_and_no_event(
    kit, own, place, institution_id, facts, put
):
    answers = [put(SHEN, QIN, **facts), own.post(f"{place}/registration/submission")]
    answers += [own.get(place), kit.as_authority("reviewer", region="330106").get(place)]
    request = {"request_id": new_id(), "institution_id": institution_id, "as_of": clock.today()}
    kit.deliver(SnapshotRequested(**request, purpose="self_check", sections=("institution",)))

    events = [event.to_bytes() for event in kit.published()]

    assert [answer.status for answer in answers] == [201, 200, 200, 200]
    assert {event.type for event in kit.published()} >= {"institution.snapshot_provided.v1"}
    said = [*(answer.content for answer in answers), *events]
    for number in (NUMBER, PASSPORT):
        assert not any(number.encode() in each for each in said)


@pytest.mark.parametrize(
    ("shares", "total"), [((9_999,), "99.99%"), ((6_000, 4_100), "101%"), ((0,), "0%")]
)
def test_shares_that_do_not_come_to_the_whole_are_refused_with_their_sum(
    own, place, put, shares, total
):
    refused = put(*({"name": f"示例{share}", "share_bp": share} for share in shares))

    assert (refused.status, refused.problem) == (422, "invalid")
    [error] = refused.json["errors"]
    assert (error["pointer"], error["code"]) == ("/sponsors", "v_08")
    assert f"合计为{total}，应为100%" in error["detail"]
    assert own.get(place).status == 404


def test_everything_wrong_with_sponsors_is_told_at_once(put):
    unsound = SHEN | {"id_no": "330199197803129905"}

    refused = put(unsound, QIN | {"share_bp": 3_000})

    assert {(each["pointer"], each["code"]) for each in refused.json["errors"]} == {
        ("/sponsors/0/id_no", "check_digit"),
        ("/sponsors", "v_08"),
    }


@pytest.mark.parametrize(
    ("sponsor", "pointer"),
    [
        (QIN | {"share_bp": 40.5}, "/sponsors/1/share_bp"),
        ({"name": "秦示例"}, "/sponsors/1/share_bp"),
        ("秦示例", "/sponsors/1"),
    ],
)
def test_shares_are_not_added_up_while_one_cannot_be_read(put, sponsor, pointer):
    assert put(SHEN, sponsor).pointers == {pointer}


def test_number_is_kept_with_its_type_when_the_next_entry_does_not_name_it(put, stored):
    put(SHEN, QIN)
    before = [each["id_no"] for each in stored()]

    moved = {"name": QIN["name"], "share_bp": 1_000}
    answer = put(moved, without_number(SHEN, share_bp=9_000))

    assert [each["id_no"] for each in stored()] == before[::-1]
    assert masks(answer) == MASKS[::-1]
    assert answer.json["sponsors"][0]["id_type"] == "passport"


def test_saying_the_same_again_changes_nothing(put):
    first = put(SHEN, QIN)

    again = put(SHEN, QIN)

    assert (again.status, again.version) == (200, first.version)


@pytest.mark.parametrize(
    "sponsors",
    [
        [without_number(SHEN, name="沈他人", share_bp=10_000)],
        [SHEN | {"id_no": None, "share_bp": 10_000}],
        [without_number(SHEN, share_bp=5_000), without_number(SHEN, share_bp=5_000)],
    ],
    ids=["another name", "removed", "two of one name"],
)
def test_number_is_not_given_to_anybody_else(put, sponsors):
    put(SHEN | {"share_bp": 10_000})

    answer = put(*sponsors)

    assert answer.status == 200
    assert set(masks(answer)) == {None}
    assert lacking(answer) == {f"/sponsors/{place}/id_no" for place in range(len(sponsors))}


def test_of_two_sponsors_of_one_name_neither_keeps_a_number_that_is_not_named(put):
    put(SHEN | {"share_bp": 5_000}, QIN | {"name": SHEN["name"], "share_bp": 5_000})

    answer = put(without_number(SHEN, share_bp=10_000))

    assert masks(answer) == [None]


def test_sponsors_are_required_before_filing_and_not_earlier(put):
    answer = put()

    assert (answer.status, answer.json["sponsors"], lacking(answer)) == (201, [], {"/sponsors"})
    assert lacking(put(SHEN, QIN)) == set()


@pytest.mark.parametrize(
    ("sponsor_type", "id_type", "expected"),
    [
        ("person", None, {"/sponsors/0/id_no"}),
        ("joint", "passport", {"/sponsors/0/id_no"}),
        ("joint", None, set()),
        ("organisation", None, set()),
    ],
)
def test_number_is_required_of_persons_only(put, sponsor_type, id_type, expected):
    sponsor = {"name": "示例教育基金会", "id_type": id_type, "share_bp": 10_000}

    assert lacking(put(sponsor, sponsor_type=sponsor_type)) == expected


def test_registration_leaves_the_sponsors_alone(own, place, facts, put):
    entered = put(SHEN, QIN)

    answer = own.put(f"{place}/registration", facts, if_match=entered.version)

    assert masks(answer) == MASKS
