"""Those behind an institution: who controls, decides and supervises it; the head's papers."""

import base64
import json

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseRouted
from otsp_testkit.documents import picture

NUMBER, OTHER = "330199197803129904", "330199198506079917"
MASK = "330***********9904"
SHEN = {"name": "沈示例", "id_type": "cnid", "id_no": NUMBER}
UNNUMBERED = {"name": "沈示例"}
BOARD = [
    {"name": "沈示例", "role": "理事长", "edu_years": 12},
    {"name": "秦示例", "role": "理事", "edu_years": 0},
]


def lacking(answer):
    return {each["pointer"] for each in answer.json["warnings"] if each["code"] == "missing"}


@pytest.fixture
def put(own, place):  # replaces the file by these facts alone
    def replace(**facts):
        found = own.get(place)
        version = found.version if found.status == 200 else None
        return own.put(place, facts, if_match=version)

    return replace


@pytest.fixture
def stored(kit):
    def read():
        with kit.runtime.database.engine.connect() as reader:
            return reader.execute(text("SELECT actual_controller FROM institution")).scalar_one()

    return read


@pytest.fixture
def ends(own, place):
    """What the newest change says of one field: pointer → (before, after, is_masked)."""

    def read():
        newest = own.get(f"{place}/history").json["items"][0]
        return {
            each["pointer"]: (each["before"], each["after"], each["is_masked"])
            for each in newest["fields"]
        }

    return read


def test_controller_is_told_with_a_mask_and_kept_encrypted(kit, own, place, put, stored):
    answer = put(actual_controller=SHEN)

    assert answer.status == 201, answer.content.decode()
    told = {"name": "沈示例", "id_type": "cnid", "id_masked": MASK}
    assert answer.json["actual_controller"] == own.get(place).json["actual_controller"] == told
    kept = stored()
    assert NUMBER not in json.dumps(kept)
    assert kit.runtime.cipher.decrypt(base64.b64decode(kept["id_no"])) == NUMBER
    assert kept["id_hmac"] == kit.runtime.cipher.blind_index(NUMBER).hex()


@pytest.mark.parametrize(
    ("next_entry", "mask"),
    [
        (UNNUMBERED, MASK),
        (UNNUMBERED | {"id_no": None}, None),
        ({"name": "秦示例"}, None),
        ({"name": "秦示例", "id_no": OTHER}, "330***********9917"),
    ],
    ids=["the same", "removed", "another person", "another number"],
)
def test_number_of_the_controller_stays_with_the_same_name_only(put, next_entry, mask):
    put(actual_controller=SHEN)

    told = put(actual_controller=next_entry).json["actual_controller"]

    assert (told["name"], told["id_masked"]) == (next_entry["name"], mask)


def test_body_that_names_no_controller_removes_it(put, stored):
    put(actual_controller=SHEN)

    assert put().json["actual_controller"] is None
    assert stored() is None


def test_registration_leaves_those_behind_alone(own, place, facts, put):
    before = put(**facts, actual_controller=SHEN, board_members=BOARD)

    answer = own.put(f"{place}/registration", facts, if_match=before.version)

    for name in ("actual_controller", "board_members"):
        assert answer.json[name] == before.json[name]


def test_number_of_a_controller_must_be_sound(own, place, put):
    refused = put(actual_controller=SHEN | {"id_no": "330199197803129905"})

    assert (refused.status, refused.pointers) == (422, {"/actual_controller/id_no"})
    assert own.get(place).status == 404
    assert put(actual_controller={"name": "甲", "id_type": "passport", "id_no": "X1"}).status == 201


def test_board_and_supervisors_are_kept_as_they_were_entered(own, place, put):
    answer = put(board_members=[*BOARD, {"name": "韩示例"}], supervisors=[{"name": "严示例"}])

    assert answer.status == 201, answer.content.decode()
    unsaid = {"name": "韩示例", "role": None, "edu_years": None}
    assert answer.json["board_members"] == [*BOARD, unsaid]
    assert answer.json["supervisors"] == [{"name": "严示例"}]
    assert own.get(place).json["board_members"] == [*BOARD, unsaid]


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"board_members": [{"role": "理事"}]}, "/board_members/0/name"),
        ({"board_members": [{"name": "甲", "edu_years": -1}]}, "/board_members/0/edu_years"),
        ({"board_members": [{"name": "甲", "edu_years": 2.5}]}, "/board_members/0/edu_years"),
        ({"supervisors": ["严示例"]}, "/supervisors/0"),
        ({"actual_controller": {"id_no": NUMBER}}, "/actual_controller/name"),
        ({"actual_controller": UNNUMBERED | {"id_masked": MASK}}, "/actual_controller/id_masked"),
    ],
)
def test_what_is_wrong_with_one_of_them_is_told_at_its_place(put, facts, pointer):
    refused = put(**facts)

    assert (refused.status, refused.pointers) == (422, {pointer})


def test_board_that_the_law_finds_too_small_is_stored_without_a_word(put):
    """Five members, a third of them of experience (民办教育促进法第二十一条): no rule judges it."""
    answer = put(board_members=BOARD[:1])

    assert answer.status == 201
    assert {code["code"] for code in answer.json["warnings"]} == {"missing"}
    assert not any("board_members" in pointer for pointer in lacking(answer))


def test_filing_asks_for_all_of_them_and_for_what_they_lack(put):
    empty = {"/actual_controller", "/board_members", "/supervisors", "/legal_rep/id_scan_file_ids"}
    assert empty <= lacking(put())

    told = lacking(put(actual_controller=UNNUMBERED, board_members=[BOARD[0], {"name": "韩示例"}]))

    assert {each for each in told if "controller" in each or "board" in each} == {
        "/actual_controller/id_no",
        "/board_members/1/role",
        "/board_members/1/edu_years",
    }


def test_meter_names_them_until_they_are_there(own, place, put, facts):
    def asked():
        sections = own.get(f"{place}/completeness").json["sections"]
        return {each["pointer"]: each["label_zh"] for each in sections[0]["missing"]}

    put(**facts)
    missing = asked()
    put(**facts, has_licence=False, actual_controller=SHEN, board_members=BOARD)

    expected = {
        "/institution/has_licence": "是否已取得办学许可证",
        "/institution/actual_controller": "实际控制人",
        "/institution/board_members": "决策机构成员",
        "/institution/supervisors": "监事",
        "/institution/legal_rep/id_scan_file_ids": "法定代表人证件扫描件",
    }
    assert expected.items() <= missing.items()
    assert expected.keys() & asked().keys() == {
        "/institution/supervisors",
        "/institution/legal_rep/id_scan_file_ids",
    }


@pytest.mark.parametrize(("count", "is_enough"), [(1, False), (2, True)])
def test_two_scans_of_the_heads_document_are_required(put, upload, count, is_enough):
    scans = [upload() for _ in range(count)]

    answer = put(legal_rep={"name": "沈示例", "id_scan_file_ids": scans})

    assert answer.json["legal_rep"]["id_scan_file_ids"] == scans
    assert ("/legal_rep/id_scan_file_ids" not in lacking(answer)) is is_enough


@pytest.mark.parametrize("suffix", ["", "/registration"])
def test_scans_are_files_of_the_institutions_own_and_two_at_most(own, place, upload, suffix):
    strange = {"legal_rep": {"id_scan_file_ids": [upload(), str(new_id())]}}
    three = {"legal_rep": {"id_scan_file_ids": [upload() for _ in range(3)]}}

    assert own.put(f"{place}{suffix}", strange).pointers == {"/legal_rep/id_scan_file_ids/1"}
    assert own.put(f"{place}{suffix}", three).pointers == {"/legal_rep/id_scan_file_ids"}


def test_history_has_masks_and_no_number(kit, put, ends):
    put(actual_controller=SHEN)
    put(actual_controller=SHEN | {"id_no": OTHER}, board_members=BOARD[:1])

    assert ends() == {
        "/actual_controller/id_masked": (MASK, "330***********9917", True),
        "/board_members": ([], BOARD[:1], False),
    }
    with kit.runtime.database.engine.connect() as reader:
        kept = str(reader.execute(text("SELECT * FROM change")).all())
    assert NUMBER not in kept
    assert OTHER not in kept


def test_saying_the_same_again_changes_nothing(put, upload):
    facts = {"actual_controller": SHEN, "board_members": BOARD, "supervisors": [{"name": "严示例"}]}
    facts |= {"legal_rep": {"name": "沈示例", "id_scan_file_ids": [upload(), upload()]}}
    first = put(**facts)

    assert put(**facts).version == first.version


@pytest.fixture
def reviewer(kit, own, place, facts, decide):
    own.post(f"{place}/registration/submission")
    decide("approved")
    return kit.as_authority("reviewer", region="330106")


@pytest.fixture
def route(kit, institution_id):
    def told(client):
        authority_id = client.principal.authority.authority_id
        case = {"case_id": new_id(), "version": 1, "kind": "compliance", "subject_id": new_id()}
        kit.deliver(CaseRouted(**case, institution_id=institution_id, authority_id=authority_id))
        return case["case_id"]

    return told


@pytest.fixture
def entered(facts, put, upload):
    """The file with all of them; tells the ids of the scans."""
    scans = [upload(picture(40, 30)), upload(picture(30, 40))]
    facts["legal_rep"] |= {"id_scan_file_ids": scans}
    assert put(**facts, actual_controller=SHEN, board_members=BOARD).status == 201
    return scans


@pytest.mark.usefixtures("chinese_font")
def test_scans_are_seen_in_a_case_and_never_handed_out(entered, place, reviewer, route):
    def seen():
        paths = [f"{place}/files/{entered[1]}{what}" for what in ("", "/preview", "/content")]
        answers = [reviewer.get(path) for path in paths]
        return [each.status if each.status == 200 else each.problem for each in answers]

    assert seen() == ["case-required"] * 3
    route(reviewer)
    assert seen() == [200, 200, "file-preview-only"]


def test_number_of_the_controller_is_shown_in_a_case_only(entered, own, place, reviewer, route):
    look = {"fields": ["actual_controller.id_no"], "reason": "核对实际控制人身份"}

    assert reviewer.get(place).json["actual_controller"]["id_masked"] == MASK
    assert reviewer.post(f"{place}/reveals", look).problem == "case-required"
    look["case_id"] = str(route(reviewer))
    for caller in (own, reviewer):
        answer = caller.post(f"{place}/reveals", look)
        assert answer.json["values"] == {"actual_controller.id_no": NUMBER}


def test_nobody_controls_what_was_not_said(own, place, put):
    put(board_members=BOARD)

    answer = own.post(f"{place}/reveals", {"fields": ["actual_controller.id_no"]})

    assert answer.json["values"] == {"actual_controller.id_no": None}


def test_approved_institutions_change_them_at_once_but_for_the_heads_scans(
    entered, own, place, facts, reviewer, decide, upload
):
    decide("approved", kind="compliance", case_id=new_id())
    held = own.get(place)
    assert held.json["major_fields"]

    minor = own.put(place, facts | {"board_members": BOARD[:1]}, if_match=held.version)
    other = facts["legal_rep"] | {"name": "秦示例", "id_scan_file_ids": [upload(), upload()]}
    proposal = own.put(f"{place}/proposed-changes/basic-information", facts | {"legal_rep": other})

    assert (minor.status, minor.json["board_members"]) == (200, BOARD[:1])
    [part] = proposal.json["parts"]
    told = {each["pointer"]: each["after"] for each in part["fields"]}
    assert told["/legal_rep/id_scan_file_ids"] == other["id_scan_file_ids"]
    form = own.get(f"{place}/proposed-changes/basic-information").json
    assert form["legal_rep"]["id_scan_file_ids"] == other["id_scan_file_ids"]
