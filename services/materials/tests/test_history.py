"""The history of materials: every write is in it, field by field, authors masked."""

from dataclasses import fields

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided
from otsp_materials.rules.labels import HISTORY_LABELS
from otsp_materials.rules.rows import ExternalReview, InternalReview, MaterialRow, Suspension

EVER = {"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
REVIEW = {"result": "pass", "reviewer_ids": [str(new_id())], "reviewed_on": "2024-08-10"}


def base_of(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}"


@pytest.fixture
def history(owner):
    """The changes, newest first, as somebody reads them."""

    def ask(client=owner, **query):
        answer = client.get(f"{base_of(owner)}/history", query=query)
        assert answer.status == 200, answer.content
        return answer.json["items"]

    return ask


@pytest.fixture
def between(owner):
    def ask(client=owner, **query):
        answer = client.get(f"{base_of(owner)}/history/differences", query=EVER | query)
        assert answer.status == 200, answer.content
        return answer.json["items"]

    return ask


def ends(told):
    return {each["pointer"]: (each["before"], each["after"]) for each in told["fields"]}


def test_a_material_is_told_from_its_draft_through_its_review_into_use(
    owner, upload, enter, history
):
    material = enter(owner, category="nonsubject", file_id=upload(owner, "甲")["file_id"])
    kept = {name: material[name] for name in ("category", "form", "file_id")}
    owner.put(material["url"], {"title": "新名"} | kept, if_match=1)
    owner.post(f"{material['url']}/internal-review-submission")
    owner.post(f"{material['url']}/internal-review-result", REVIEW)
    owner.post(f"{material['url']}/adoption", {"used_from": "2024-09-01"})

    adopted, reviewed, submitted, renamed, begun = history(object_id=material["material_id"])

    assert (begun["kind"], begun["part_zh"], begun["version"]) == ("added", "培训材料", 1)
    assert ends(begun)["/title"] == (None, "初中数学讲义")
    assert ends(renamed) == {"/title": ("初中数学讲义", "新名")}
    assert ends(submitted) == {
        "/status": ("draft", "internal_review"),
        "/internal_review/result": (None, "pending"),
    }
    assert ends(reviewed)["/internal_review/result"] == ("pending", "pass")
    assert ends(reviewed)["/internal_review/reviewer_ids"] == (None, REVIEW["reviewer_ids"])
    assert ends(adopted) == {
        "/status": ("internal_passed", "in_use"),
        "/used_from": (None, "2024-09-01"),
    }
    assert adopted["account_id"] == str(owner.principal.account_id)
    assert adopted["operation"].endswith("adopt_material")
    assert adopted["fields"][0]["label_zh"] == "材料状态"


def test_a_new_version_and_a_hidden_one_are_told(owner, upload, enter, history):
    former = enter(owner)
    version = owner.post(
        f"{former['url']}/versions", {"file_id": upload(owner, "乙")["file_id"]}
    ).json
    owner.delete(former["url"], if_match=1)

    removed, added, _ = history()

    assert (added["kind"], added["object_id"]) == ("added", version["material_id"])
    assert ends(added)["/version_no"] == (None, 2)
    assert (removed["kind"], removed["version"]) == ("removed", 2)
    assert ends(removed)["/title"] == ("初中数学讲义", None)


def test_a_decision_is_told_with_who_decided(kit, owner, enter, history):
    material = enter(owner, existing=True, status="in_use")
    decided_by = new_id()
    kit.deliver(
        CaseDecided(
            case_id=new_id(),
            version=2,
            actor=decided_by,
            institution_id=owner.principal.institution_id,
            kind="external_review",
            subject_id=material["material_id"],
            decision="approved",
            decided_on="2024-08-28",
            authority_id=new_id(),
        )
    )

    decided, _ = history()

    assert (decided["role"], decided["account_id"]) == ("system", str(decided_by))
    assert ends(decided)["/external_review/result"] == ("pending", "pass")


def test_between_two_moments_stands_what_remains(owner, enter, history, between):
    material = enter(owner)
    gone = enter(owner, title="不留的")
    since = history()[0]["at"]
    owner.delete(gone["url"], if_match=1)
    for version, title in enumerate(("乙", "丙"), start=1):
        owner.put(material["url"], {"title": title}, if_match=version)

    told = {each["object_id"]: each for each in between(**{"from": since})}
    [ever] = between()

    assert told[material["material_id"]]["kind"] == "changed"
    assert ends(told[material["material_id"]])["/title"] == ("初中数学讲义", "丙")
    assert ever["object_id"] == material["material_id"]
    assert between(object_id=gone["material_id"]) == []


def test_no_author_lies_in_the_history_by_name_or_number(kit, owner, enter, history):
    author = {"name": "沈暗号", "years": 6, "qual": "teacher_cert", "qual_no": "20191234567890901"}
    material = enter(owner, authors=[author])
    again = {"title": "初中数学讲义", "category": "subject", "form": "basic"}
    owner.put(material["url"], again | {"authors": [author | {"name": "沈另外"}]}, if_match=1)

    with kit.runtime.database.engine.connect() as reader:
        kept = str(reader.execute(text("SELECT * FROM change")).all())
    [changed] = history()[0]["fields"]

    assert "暗号" not in kept
    assert "1234567890" not in kept
    assert (changed["pointer"], changed["is_masked"]) == ("/authors", True)
    assert changed["before"] == changed["after"]
    assert changed["after"][0]["name"] == "沈**"


def test_who_signed_the_promise_is_masked_in_the_history(kit, owner, enter, history):
    signed = {"negative_list_ok": True, "negative_list_signer": "沈暗号"}
    enter(owner, **signed)

    [entered] = history()
    with kit.runtime.database.engine.connect() as reader:
        kept = str(reader.execute(text("SELECT * FROM change")).all())

    [told] = [each for each in entered["fields"] if each["pointer"] == "/negative_list_signer"]
    assert (told["after"], told["is_masked"]) == ("沈**", True)
    assert told["label_zh"] == "负面清单承诺签署人"
    assert "暗号" not in kept


def test_a_refused_write_and_one_that_changes_nothing_leave_no_change(owner, enter, history):
    material = enter(owner)
    told = history()
    body = {"title": "初中数学讲义", "category": "subject", "form": "basic"}

    assert owner.put(material["url"], body, if_match=1).status == 200
    assert owner.post(f"{material['url']}/internal-review-submission").status == 422

    assert history() == told


def test_an_authority_reads_a_material_from_where_it_left_its_draft(
    owner, upload, enter, history, between, reviewer
):
    material = enter(owner, category="nonsubject", file_id=upload(owner, "甲")["file_id"])
    enter(owner, title="一直是草稿")
    gone = enter(owner, title="草稿时删除的")
    owner.delete(gone["url"], if_match=1)
    owner.post(f"{material['url']}/internal-review-submission")
    owner.post(f"{material['url']}/internal-review-result", REVIEW)

    told = history(reviewer)
    [net] = between(reviewer)

    assert [ends(each)["/status"][1] for each in told] == ["internal_passed", "internal_review"]
    assert ends(net)["/status"] == ("draft", "internal_passed")
    assert "/title" not in ends(net)


@pytest.mark.parametrize("suffix", ["history", "history/differences"])
def test_nobody_else_sees_the_history(kit, owner, enter, reviewer, suffix):
    enter(owner)

    def asked_by(client):
        return client.get(f"{base_of(owner)}/{suffix}", query=EVER).problem

    assert asked_by(kit.as_institution(new_id())) == "other-institution"
    assert asked_by(kit.as_authority("reviewer", region="110108")) == "outside-jurisdiction"
    assert asked_by(kit.as_authority("auditor")) == "forbidden"
    assert asked_by(kit.anonymous()) == "unauthorised"


def test_every_field_of_a_material_has_a_chinese_name():
    """A field that is added later needs a name before it is entered."""
    nested = {
        "internal_review": InternalReview,
        "external_review": ExternalReview,
        "suspension": Suspension,
    }
    aside = {"material_id", "version", "warnings", *nested}
    plain = {f"/{each.name}" for each in fields(MaterialRow)} - {f"/{name}" for name in aside}
    parts = {f"/{name}/{each.name}" for name, kind in nested.items() for each in fields(kind)}

    assert HISTORY_LABELS["material"][1].keys() == plain | parts
