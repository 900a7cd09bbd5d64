"""The desk for persons: what is held of me, who read it, put it right (个人信息保护法 §45, §46)."""

from datetime import UTC, date, datetime

import pytest

from otsp_auth.rules.roles import scopes_of
from otsp_chassis import clock, metrics
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index
from otsp_contracts.compliance import CaseRouted, WorkingYearEntered
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.staff import CorrectionAnswered, CorrectionRequested

NUMBER, MOBILE = "330199198506079917", "13800000001"
SEARCHES = "/api/staff/v1/own-records/searches"
A_MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def person(kit):
    """Somebody whose mobile auth has proven."""

    def prove(mobile):
        with kit.active():
            index = blind_index(mobile)
        return kit.as_principal(
            Principal(
                account_id=new_id(),
                role="data_subject",
                scopes=scopes_of("data_subject"),
                session_id=str(new_id()),
                mobile_index=index,
            )
        )

    return prove


@pytest.fixture
def me(person):
    return person(MOBILE)


def records(client, number=NUMBER, **more):
    answered = client.post(SEARCHES, {"id_no": number} | more)
    assert answered.status == 200, answered.json
    return answered.json["records"]


def ask(client, staff_id, *wishes, number=NUMBER, **more):
    items = [{"pointer": pointer, "wanted": wanted} for pointer, wanted in wishes]
    path = f"/api/staff/v1/own-records/{staff_id}/correction-requests"
    return client.post(path, {"id_no": number, "items": items} | more)


def answer(client, request_id, decision="corrected", text="已按毕业证书更正。"):
    base = f"/api/staff/v1/institutions/{client.principal.institution_id}/correction-requests"
    return client.post(f"{base}/{request_id}/answer", {"decision": decision, "answer": text})


def waiting(client, institution_id, **query):
    path = f"/api/staff/v1/institutions/{institution_id}/correction-requests"
    return client.get(path, query=query)


def profile(institution_id):
    return ProfileChanged(
        institution_id=institution_id,
        version=1,
        name="杭州示例培训中心",
        region_code="330106",
        categories=("subject",),
        delivery_modes=("offline",),
        stages=("junior",),
        legal_nature="nonprofit",
        registration_status="approved",
        compliance_status="not_applied",
    )


def test_person_sees_what_each_institution_has_entered(kit, owner, register, me):
    kit.deliver(profile(owner.principal.institution_id))
    entered = register(owner, political_status="party_member", graduated_from="示例大学")
    elsewhere = register(kit.as_institution(new_id()), name="周甲")

    first, second = records(me)

    assert (first["staff_id"], second["staff_id"]) == (entered["staff_id"], elsewhere["staff_id"])
    assert (first["institution_name"], second["institution_name"]) == ("杭州示例培训中心", None)
    held = {each["pointer"]: (each["label_zh"], each["value"]) for each in first["fields"]}
    assert held["/graduated_from"] == ("毕业院校", "示例大学")
    assert held["/political_status"] == ("政治面貌", "party_member")
    assert held["/precheck_clear"] == ("招用前违法犯罪查询结果", True)
    assert "/id_masked" not in held
    assert "/mobile_masked" not in held


def test_stranger_mistyped_number_and_other_mobile_are_answered_alike(owner, register, me, person):
    register(owner)

    nobody = person("13900000009").post(SEARCHES, {"id_no": NUMBER})
    mistyped = me.post(SEARCHES, {"id_no": "330199197803129904"})
    another = me.post(SEARCHES, {"id_type": "passport", "id_no": "X0000002"})

    told = {(each.status, each.content) for each in (nobody, mistyped, another)}
    assert told == {(200, b'{"records":[]}')}
    assert nobody.headers["Cache-Control"] == "no-store"


def test_number_with_a_wrong_check_digit_is_refused_at_its_field(me):
    refused = me.post(SEARCHES, {"id_no": "330199198506079918"})

    assert refused.status == 422
    assert refused.json["errors"][0]["pointer"] == "/id_no"


@pytest.mark.parametrize(
    ("items", "pointers"),
    [
        ([None], {"/items/0"}),
        ([[None, None]], {"/items/0"}),
        ([{"wanted": "硕士"}], {"/items/0/pointer"}),
        ([{"pointer": "0" * 51, "wanted": "硕士"}], {"/items/0/pointer"}),
        (["x", {"pointer": "/nothing"}, {}], {"/items/0", "/items/1/pointer", "/items/2/pointer"}),
    ],
)
def test_each_wish_that_is_none_is_told_at_its_place(me, items, pointers):
    path = f"/api/staff/v1/own-records/{new_id()}/correction-requests"

    refused = me.post(path, {"id_no": NUMBER, "items": items})

    assert refused.status == 422
    assert pointers <= refused.pointers


def test_deleted_entry_is_told_as_long_as_it_is_held(owner, register, me):
    entered = register(owner)
    owner.delete(entered["url"], if_match=1)

    [record] = records(me)

    assert record["is_deleted"] is True
    assert ask(me, entered["staff_id"], ("/name", "周乙")).status == 404


def test_who_read_in_clear_is_told_and_who_read_masks_is_not(kit, owner, register, me):
    entered, other = register(owner), register(owner, id_no="330199197803129904")
    owner.get(entered["url"])
    reveal = {"fields": ["id_no", "mobile"], "reason": "核对社保信息"}
    assert owner.post(f"{entered['url']}/reveals", reveal).status == 200
    assert owner.post(f"{other['url']}/reveals", reveal).status == 200

    [record] = records(me)

    [look] = record["looks"]
    assert (look["by"], look["fields"], look["reason"]) == (
        "institution",
        ["id_no", "mobile"],
        "核对社保信息",
    )
    assert record["look_count"] == 1


def test_page_that_an_authority_read_is_told_to_those_who_stood_on_it(kit, owner, register, me):
    """In the order of names the ids of a page are anywhere: who stood between them may not have."""
    institution_id = owner.principal.institution_id
    kit.deliver(profile(institution_id))
    reviewer = kit.as_authority()
    case = {"case_id": new_id(), "version": 1, "kind": "compliance", "subject_id": new_id()}
    case |= {"authority_id": reviewer.principal.authority.authority_id}
    kit.deliver(CaseRouted(institution_id=institution_id, **case))
    others = {"mobile": "13900000001"}
    register(owner, name="白一", id_no="330199197803129904", **others)
    register(owner, name="安三")
    register(owner, name="周二", id_type="passport", id_no="X0000002", **others)
    path = f"/api/staff/v1/institutions/{institution_id}/staff"
    query = {"sort": "name", "limit": 2}

    mine = reviewer.get(path, query=query).json
    reviewer.get(path, query=query | {"cursor": mine["next"]})

    assert [each["name"] for each in mine["items"]] == ["安三", "白一"]
    [look] = records(me)[0]["looks"]
    assert (look["by"], look["region_code"]) == ("authority", "330106")
    assert "mobile" in look["fields"]


def test_own_look_is_in_the_trail_and_not_among_the_looks(kit, owner, register, me):
    register(owner)
    records(me)

    [record] = records(me)

    assert record["looks"] == []
    auditor = kit.as_authority("auditor", region="000000", level="national")
    told = auditor.get("/api/staff/v1/audit-entries", query={"action": "staff.told"}).json["items"]
    assert [entry["role"] for entry in told] == ["data_subject", "data_subject"]
    assert "hired_on" in told[0]["pii_fields"]


def test_correction_goes_to_the_institution_with_fifteen_working_days(kit, owner, register, me):
    entered = register(owner)
    with clock.frozen(A_MONDAY):
        asked = ask(
            me, entered["staff_id"], ("/graduated_from", "示例师范大学"), explanation="见证书"
        )

        assert asked.status == 201, asked.json
        assert (asked.json["state"], asked.json["due_on"]) == ("open", "2026-03-23")
        listed = waiting(owner, owner.principal.institution_id, state="open").json["items"]

    [request] = listed
    assert request["items"] == [
        {"pointer": "/graduated_from", "label_zh": "毕业院校", "wanted": "示例师范大学"}
    ]
    assert (request["explanation"], request["is_overdue"]) == ("见证书", False)
    [told] = kit.published(CorrectionRequested)
    assert told.payload().due_on == date(2026, 3, 23)
    assert "示例师范大学".encode() not in told.to_bytes()


def test_holidays_that_were_imported_prolong_the_time(kit, owner, register, me):
    year = WorkingYearEntered(
        year_id=new_id(),
        version=1,
        year=2026,
        working_weekends=(date(2026, 3, 14),),
        rest_weekdays=(date(2026, 3, 3), date(2026, 3, 4)),
    )
    kit.deliver(year)
    entered = register(owner)

    with clock.frozen(A_MONDAY):
        asked = ask(me, entered["staff_id"], ("/name", "周乙"))

    assert asked.json["due_on"] == "2026-03-24"


def test_request_is_overdue_when_its_day_has_passed(kit, owner, register, me):
    entered = register(owner)
    with clock.frozen(A_MONDAY):
        ask(me, entered["staff_id"], ("/name", "周乙"))
    institution_id = owner.principal.institution_id
    with clock.frozen(datetime(2026, 3, 23, 15, 59, tzinfo=UTC)):
        assert waiting(owner, institution_id).json["items"][0]["is_overdue"] is False
    with clock.frozen(datetime(2026, 3, 23, 16, 0, tzinfo=UTC)):
        assert waiting(owner, institution_id).json["items"][0]["is_overdue"] is True
        kit.run_job("measure_corrections")
    assert gauge("waiting") == 1
    assert gauge("overdue") == 1


def gauge(state):
    [sample] = [
        sample
        for metric in metrics.CORRECTION_REQUESTS.collect()
        for sample in metric.samples
        if sample.labels == {"service": "staff", "state": state}
    ]
    return sample.value


def test_person_reads_the_answer_and_may_ask_again(kit, owner, register, me):
    entered = register(owner)
    request_id = ask(me, entered["staff_id"], ("/name", "周乙")).json["request_id"]
    again = ask(me, entered["staff_id"], ("/sex", "F"))
    assert (again.status, again.json["type"]) == (409, "urn:otsp:problem:correction-waits")

    answered = answer(owner, request_id, "declined", "与身份证件一致，无需更正。")

    assert (answered.status, answered.json["state"]) == (200, "declined")
    [record] = records(me)
    [told] = record["correction_requests"]
    assert (told["state"], told["answer"]) == ("declined", "与身份证件一致，无需更正。")
    assert ask(me, entered["staff_id"], ("/sex", "F")).status == 201
    [event] = kit.published(CorrectionAnswered)
    assert (event.payload().from_state, event.payload().to_state) == ("open", "declined")


def test_answer_is_given_once_and_by_the_institution_that_was_asked(kit, owner, register, me):
    entered = register(owner)
    request_id = ask(me, entered["staff_id"], ("/name", "周乙")).json["request_id"]
    stranger = kit.as_institution(new_id())

    assert answer(stranger, request_id).status == 404
    assert answer(owner, request_id).status == 200
    twice = answer(owner, request_id)
    assert (twice.status, twice.json["type"]) == (409, "urn:otsp:problem:correction-answered")


def test_correction_of_what_is_not_one_s_own_is_not_found(kit, owner, register, me, person):
    entered = register(owner)

    assert ask(person("13900000009"), entered["staff_id"], ("/name", "周乙")).status == 404
    assert ask(me, new_id(), ("/name", "周乙")).status == 404


@pytest.mark.parametrize(
    ("wishes", "pointer", "code"),
    [
        ([("/salary", "1")], "/items/0/pointer", "unknown_field"),
        ([("/name", "周乙"), ("/name", "周丙")], "/items/1/pointer", "repeated"),
        ([("/name", "")], "/items/0/wanted", "too_short"),
        ([], "/items", "too_few"),
    ],
)
def test_faulty_request_is_refused_at_its_field(owner, register, me, wishes, pointer, code):
    entered = register(owner)

    refused = ask(me, entered["staff_id"], *wishes)

    assert refused.status == 422
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [(pointer, code)]


def test_authority_reads_how_requests_stand_and_not_what_was_written(kit, owner, register, me):
    institution_id = owner.principal.institution_id
    kit.deliver(profile(institution_id))
    entered = register(owner)
    ask(me, entered["staff_id"], ("/name", "周乙"), explanation="见身份证")

    [seen] = waiting(kit.as_authority(), institution_id).json["items"]

    assert (seen["state"], seen["items"], seen["explanation"]) == ("open", None, None)
    assert waiting(kit.as_authority(region="330203"), institution_id).status == 403


def test_requests_are_told_page_by_page(kit, owner, register, me):
    for number in range(3):
        entered = register(owner, name=f"周{number}", id_no=NUMBER)
        ask(me, entered["staff_id"], ("/name", "周乙"))
    institution_id = owner.principal.institution_id

    first = waiting(owner, institution_id, limit=2).json
    second = waiting(owner, institution_id, limit=2, cursor=first["next"]).json

    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]
    assert len({each["request_id"] for each in first["items"] + second["items"]}) == 3


def test_what_was_written_is_sealed(kit, owner, register, me):
    entered = register(owner)
    ask(me, entered["staff_id"], ("/name", "周乙"), explanation="见身份证")

    with kit.runtime.database.engine.connect() as reader:
        row = reader.exec_driver_sql("SELECT asked_sealed FROM correction_request").scalar_one()
    assert "周乙".encode() not in row
