"""What an answer to a notice brings beside the file: exceptions, warnings read, closing papers."""

import pytest

from otsp_chassis import clock
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested, SupplementRequested

BASIS = "民办教育促进法第五十九条"
LICENCE = {
    "kind": "wrong_value",
    "part": "licence",
    "pointer": "/issuer_name",
    "basis": "民办教育促进法实施条例第二十一条",
    "cure_zh": "按许可证正本更正发证机关",
}
EXCEPTION = {"rule_id": "STF-004", "reason": "专职教师下月到岗"}

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def reviewer(world, bureau):
    return world.reviewer(bureau)


@pytest.fixture
def accepted(world, reviewer):
    """Sample A, accepted."""
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    return Review(world, reviewer, application_id)


@pytest.fixture
def closing(world, reviewer):
    """A deregistration, accepted; it merges with another institution and announced nothing."""
    answer = world.emptied().deregister(
        world.closing(reason="merged", notice_published_on=None, unpaid_wages_fen=0)
    )
    world.provide()
    return Review(world, reviewer, answer.json["application_id"])


class Review:
    """One application in review, and what both sides do."""

    def __init__(self, world, reviewer, application_id):
        self.world, self.reviewer = world, reviewer
        self.place = f"{world.api}/applications/{application_id}"
        self.case = f"{world.api}/cases/{self.view['case_id']}"
        assert reviewer.post(f"{self.case}/acceptance", {}).status == 200

    @property
    def view(self):
        return self.world.institution().get(self.place).json

    @property
    def typed(self):
        return self.view["closing"]["typed"]

    def give(self, *items):
        return self.reviewer.post(f"{self.case}/notices", {"items": items})

    def ask(self, *items):
        """Gives notice, and answers each item in words."""
        given = self.give(*items)
        assert given.status == 201, given.json
        for item in given.json["items"]:
            path = f"{self.place}/notices/{given.json['notice_id']}/items/{item['item_id']}/answer"
            assert self.world.institution().put(path, {"text": "已更正"}).status == 200

    def hand_in(self, client=None, *, provide=True, **body):
        """What was brought, and what the snapshot came to."""
        answer = (client or self.world.institution()).post(f"{self.place}/resubmission", body)
        if provide and answer.status == 202:
            self.world.provide()
        return answer

    def decide(self, **body):
        given = {"decision": "approve", "warnings_read": self.view["warnings"]} | body
        return self.reviewer.post(f"{self.case}/decisions", given)

    def compared(self):
        (notice,) = self.reviewer.get(f"{self.case}/notices").json["items"]
        return notice["items"]


def named(field, kind="wrong_value"):
    return {
        "kind": kind,
        "part": "closing",
        "pointer": f"/{field}",
        "basis": BASIS,
        "cure_zh": "按实际情况更正",
    }


def faults(refused):
    assert refused.status == 422, refused.json
    return [(each["pointer"], each["code"]) for each in refused.json["errors"]]


def test_an_exception_that_the_answer_brings_up_is_asked_for_with_it_and_answered(world, accepted):
    accepted.ask(LICENCE)
    world.sections["A"]["staff"]["staff"][0]["employment"] = "part_time"

    accepted.hand_in()
    blocked = accepted.view
    accepted.hand_in(exceptions=[EXCEPTION], acknowledged_warnings=blocked["warnings"])

    assert (blocked["state"], blocked["blocking"]) == ("supplementing", ["STF-004"])
    view = accepted.view
    assert (view["state"], view["exceptions"]) == ("in_review", [EXCEPTION])
    assert [each["rule_id"] for each in view["findings"]["excused"]] == ["STF-004"]
    assert faults(accepted.decide()) == [("/overrides", "override_missing")]
    granted = [{"rule_id": "STF-004", "reason": "已核实聘用合同"}]
    assert accepted.decide(overrides=granted).json["decision"] == "approved"


def test_exceptions_of_earlier_rounds_stay(world, reviewer):
    world.sections["A"]["staff"]["staff"][0]["employment"] = "part_time"
    application_id = world.filed(
        acknowledged_warnings=["SIT-006", "STF-024"], exceptions=[EXCEPTION]
    )
    world.provide()
    review = Review(world, reviewer, application_id)
    review.ask(LICENCE)

    review.hand_in(exceptions=[{"rule_id": "FND-004", "reason": "费用已整改"}])

    view = review.view
    assert view["state"] == "in_review"
    assert {each["rule_id"] for each in view["exceptions"]} == {"STF-004", "FND-004"}


def test_warnings_that_the_answer_brings_up_are_read_with_it(world, accepted):
    accepted.ask(LICENCE)
    world.sections["A"]["institution"]["licence"]["valid_to"] = "2024-12-15"

    accepted.hand_in(acknowledged_warnings=["V-06"])

    view = accepted.view
    assert (view["state"], view["acknowledged_warnings"]) == ("in_review", ["SIT-006", "V-06"])


def test_what_is_brought_is_validated_as_at_filing(accepted):
    accepted.ask(LICENCE)

    assert faults(accepted.hand_in(exceptions=[EXCEPTION, EXCEPTION])) == [
        ("/exceptions/1/rule_id", "repeated")
    ]
    assert faults(accepted.hand_in(exceptions=[{"rule_id": "STF-004"}])) == [
        ("/exceptions/0/reason", "required")
    ]
    assert accepted.hand_in(acknowledged_warnings=["so so"]).status == 422
    assert accepted.view["state"] == "supplementing"


def test_what_is_brought_without_every_answer_is_not_taken(accepted):
    accepted.give(LICENCE)

    refused = accepted.hand_in(exceptions=[EXCEPTION], acknowledged_warnings=["V-06"])

    assert refused.problem == "notice-items-unanswered"
    assert accepted.view["exceptions"] == []
    assert accepted.view["acknowledged_warnings"] == ["SIT-006"]


def test_named_closing_fields_are_put_right_and_nothing_else(world, kit, closing):
    before = closing.typed
    closing.ask(named("archive_keeper"), named("settlement_report_file_id", "document"))
    sealed, paper = closing.view["snapshot"]["sha256"], world.paper()
    (told,) = [each.payload() for each in kit.published(SupplementRequested)]

    refused = closing.hand_in(closing={"archive_keeper": "李示例", "reason": "converted"})
    unchanged = closing.typed
    put_right = {"archive_keeper": "李示例", "settlement_report_file_id": paper}
    answer = closing.hand_in(closing=put_right)

    assert (faults(refused), unchanged) == ([("/closing/reason", "not_asked")], before)
    assert answer.status == 202, answer.json
    assert closing.typed == before | put_right
    assert told.unlocked == ()
    view = closing.view
    assert (view["state"], view["snapshot"]["sha256"] != sealed) == ("in_review", True)
    part = world.institution().get(f"{closing.place}/snapshot/closing").json["content"]
    assert part == before | put_right


def test_the_reviewer_sees_what_was_typed_before_and_after(world, closing):
    was = closing.typed["settlement_report_file_id"]
    closing.ask(named("archive_keeper"), named("settlement_report_file_id", "document"))
    paper = world.paper()

    closing.hand_in(closing={"archive_keeper": "李示例", "settlement_report_file_id": paper})

    keeper, report = closing.compared()
    assert (keeper["section"], keeper["part_zh"]) == ("compliance", "注销申请")
    assert (keeper["before"], keeper["after"]) == ("示例保管人", "李示例")
    assert report["fields"] == [{"pointer": "", "before": was, "after": paper}]


def test_what_the_correction_blocks_may_be_put_right_or_excused(closing):
    closing.ask(named("reason"))
    early = closing.hand_in(closing={"notice_published_on": "2024-04-18"})

    closing.hand_in(closing={"reason": "voluntary"})
    blocked = closing.view
    other = closing.hand_in(closing={"unpaid_wages_fen": 0})
    answer = closing.hand_in(
        closing={"notice_published_on": "2024-10-01"},
        exceptions=[{"rule_id": "DER-006", "reason": "因双减转型停办"}],
    )

    assert faults(early) == [("/closing/notice_published_on", "not_asked")]
    assert (blocked["state"], blocked["blocking"]) == ("supplementing", ["DER-006"])
    assert faults(other) == [("/closing/unpaid_wages_fen", "not_asked")]
    assert answer.status == 202, answer.json
    assert (closing.view["state"], closing.typed["reason"]) == ("in_review", "voluntary")
    override = [{"rule_id": "DER-006", "reason": "属实"}]
    assert closing.decide(overrides=override).json["decision"] == "approved"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"settlement_report_file_id": str(new_id())}, "/closing/settlement_report_file_id"),
        ({"stop_on": "2024-10-16"}, "/closing/stop_on"),
        ({"unrefunded_fen": -1}, "/closing/unrefunded_fen"),
        ({"reason": None}, "/closing/reason"),
        ({"revocation_doc_no": "我〔2024〕1号"}, "/closing/revocation_doc_no"),
        ({}, "/closing"),
    ],
)
def test_a_correction_is_held_to_what_filing_is_held_to(closing, changed, fault):
    fields = ("reason", "stop_on", "unrefunded_fen")
    closing.ask(*(named(each) for each in fields), named("settlement_report_file_id", "document"))
    before = closing.typed

    refused = closing.hand_in(closing=changed)

    assert (refused.status, refused.pointers) == (422, {fault})
    assert (closing.view["state"], closing.typed) == ("supplementing", before)


@pytest.mark.parametrize("pointer", ["", "/revocation_doc_no", "/revoked_on", "/colour"])
def test_a_notice_names_one_field_that_was_typed(closing, pointer):
    refused = closing.give(named("reason", "explanation") | {"pointer": pointer})

    assert faults(refused) == [("/items/0/pointer", "unknown_pointer")]


def test_an_application_that_closes_nothing_has_no_closing_papers(accepted):
    refused = accepted.give(named("archive_keeper"))
    accepted.ask(LICENCE)
    brought = accepted.hand_in(closing={"archive_keeper": "李示例"})

    assert faults(refused) == [("/items/0/pointer", "unknown_pointer")]
    assert faults(brought) == [("/closing/archive_keeper", "not_asked")]
    assert accepted.view["state"] == "supplementing"


def test_no_system_of_the_institution_puts_its_closing_right(world, kit, closing):
    closing.ask(named("archive_keeper"))
    scopes = frozenset({"compliance:file"})
    key = kit.as_principal(Principal(new_id(), "api_key", scopes, "key", world.institution_id))

    refused = closing.hand_in(key, closing={"archive_keeper": "李示例"})

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert closing.hand_in(key).status == 202


def test_whoever_was_closed_by_its_authority_says_neither_why_nor_since_when(world, bureau):
    admin = world.emptied().reviewer(bureau, "region_admin")
    body = {
        "institution_id": str(world.institution_id),
        "revoked_on": "2024-10-08",
        "revocation_doc_no": "杭西教罚〔2024〕7号",
    }
    opened = admin.post(f"{world.api}/licence-revocations", body).json["application_id"]
    world.provide()
    review, paper = Review(world, admin, opened), world.paper()

    refused = review.give(named("reason"), named("stop_on"))
    review.ask(named("settlement_report_file_id", "missing_field"))
    review.hand_in(closing={"settlement_report_file_id": paper})

    assert [each for each, _ in faults(refused)] == ["/items/0/pointer", "/items/1/pointer"]
    assert (review.typed["settlement_report_file_id"], review.typed["reason"]) == (paper, "revoked")
    assert "DER-004" not in review.view["warnings"]


def test_a_second_notice_names_a_closing_field_only_if_the_answer_changed_it(closing):
    closing.ask(named("archive_keeper"))
    closing.hand_in(closing={"archive_keeper": "李示例"})

    old = closing.give(named("reason"))

    assert old.problem == "notice-already-given"
    assert closing.give(named("archive_keeper")).status == 201


def test_each_round_is_gathered_with_what_is_typed_by_then(kit, closing):
    closing.ask(named("archive_keeper"))

    closing.hand_in(closing={"archive_keeper": None}, acknowledged_warnings=["DER-010"])

    assert closing.view["state"] == "in_review"
    assert closing.view["warnings"] == ["DER-010"]
    assert len(kit.published(SnapshotRequested)) == 2
