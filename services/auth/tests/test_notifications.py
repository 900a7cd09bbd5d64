"""The inbox: what is told to whom, what goes out by text and mail, and what each chooses."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from otsp_auth.app import service
from otsp_auth.rules import news
from otsp_auth.rules.news import BACK_OFF_MINUTES, CASES_ZH, Channel, Group
from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import (
    ApplicationAccepted,
    CaseDecided,
    CaseRouted,
    ReviewOverdue,
)
from otsp_contracts.compliance.casework import CaseTakenOver
from otsp_contracts.compliance.rectification import RectificationOpened
from otsp_contracts.compliance.register import ListEntryChanged
from otsp_contracts.institution import LicenceExpiring, MeasureOrdered

BASE, MOBILE, PASSWORD = "/api/auth/v1", "13800000001", "Xihu-2026-peixun"
EMAIL = "zhou@example.test"
INBOX = f"{BASE}/notifications"
CHOICE = f"{BASE}/account/notification-preferences"
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}


def signed_in(kit, desk, username):
    identity = desk.use(desk.login(username).json["token"]).headers[HEADER]
    keys = kit.runtime.settings.identity_public_keys
    return kit.as_principal(IdentityVerifier(keys).verify(identity))


@pytest.fixture
def owner(kit, desk):
    with clock.frozen(clock.now() - timedelta(minutes=2)):
        desk.register(MOBILE)
    return signed_in(kit, desk, MOBILE)


@pytest.fixture
def institution_id(owner):
    return owner.principal.institution_id


def set_email(kit, owner):
    body = {"email": EMAIL, "current_password": PASSWORD}
    asked = owner.post(f"{BASE}/account/email-changes", body).json
    mails = kit.anonymous().get(f"{BASE}/development/mails", query={"email": EMAIL}).json
    code = re.search(r"\d{6}", mails["items"][0]["text"])[0]
    path = f"{BASE}/account/email-changes/{asked['email_change_id']}/completion"
    assert owner.post(path, {"code": code}).status == 200


def texts(kit):
    answer = kit.anonymous().get(f"{BASE}/development/messages", query={"mobile": MOBILE})
    return [each["text"] for each in answer.json["items"]]


def mails(kit):
    answer = kit.anonymous().get(f"{BASE}/development/mails", query={"email": EMAIL})
    return [each["text"] for each in answer.json["items"]]


def inbox(client, **query):
    answer = client.get(INBOX, query=query)
    assert answer.status == 200, answer.content
    return answer.json["items"]


def accepted(institution_id, **changed):
    known = {
        "version": 3,
        "from_state": "submitted",
        "to_state": "in_review",
        "application_id": new_id(),
        "institution_id": institution_id,
        "kind": "initial",
        "case_id": new_id(),
        "authority_id": new_id(),
        "accepted_on": "2026-11-03",
    }
    return ApplicationAccepted(**known | changed)


def expiring(institution_id, valid_to="2026-12-01"):
    return LicenceExpiring(institution_id=institution_id, valid_to=valid_to, days_left=30)


def test_an_institution_finds_what_happened_in_its_inbox_once(kit, owner, institution_id):
    told = accepted(institution_id)

    kit.deliver(told)

    (one,) = inbox(owner)
    assert one["title"] == "申请已受理"
    assert "2026年11月3日" in one["text"]
    assert one["about"] == {"application_id": str(told.application_id)}
    assert (one["group"], one["read_at"]) == ("review", None)
    assert kit.set_aside() == []


def test_acceptance_by_law_says_so(kit, owner, institution_id):
    kit.deliver(accepted(institution_id, is_deemed=True))

    assert "视为受理" in inbox(owner)[0]["text"]


def test_others_see_none_of_it(kit, desk, owner, institution_id):
    kit.deliver(accepted(institution_id))
    (one,) = inbox(owner)
    stranger = kit.as_authority("auditor")
    place = f"{INBOX}/{one['notification_id']}"

    assert inbox(stranger) == []
    assert stranger.get(f"{place}/deliveries").json["items"] == []
    assert stranger.post(f"{place}/reading").status == 404
    assert stranger.post(f"{place}/deliveries", {"channel": "sms"}).status == 404


def test_what_is_read_stays_read_and_is_counted(kit, owner, institution_id):
    kit.deliver(accepted(institution_id))
    kit.deliver(expiring(institution_id))
    newest, _ = inbox(owner)
    summary = f"{INBOX}/summary"
    assert owner.get(summary).json == {"unread": 2}

    for _ in range(2):
        assert owner.post(f"{INBOX}/{newest['notification_id']}/reading").status == 204

    assert owner.get(summary).json == {"unread": 1}
    assert [each["kind"] for each in inbox(owner, unread="true")] == ["application_accepted"]
    owner.post(f"{INBOX}/readings")
    assert owner.get(summary).json == {"unread": 0}


def test_the_inbox_is_cut_into_pages_newest_first(kit, owner, institution_id):
    for day in (1, 2, 3):
        kit.deliver(expiring(institution_id, f"2026-12-0{day}"))

    first = owner.get(INBOX, query={"limit": 2}).json
    rest = owner.get(INBOX, query={"limit": 2, "cursor": first["next"]}).json

    days = [re.search(r"12月(\d)日", one["text"])[1] for one in first["items"] + rest["items"]]
    assert (days, rest["next"]) == (["3", "2", "1"], None)


def test_a_text_says_that_there_is_news_and_nothing_of_it(kit, owner, institution_id):
    kit.deliver(accepted(institution_id))

    kit.run_job("send_notifications")
    kit.run_job("send_notifications")

    assert texts(kit)[0] == "申请已受理：请登录全国校外教育培训监管与服务综合平台查看。"
    (one,) = inbox(owner)
    deliveries = owner.get(f"{INBOX}/{one['notification_id']}/deliveries").json["items"]
    assert [(each["channel"], each["state"], each["attempts"]) for each in deliveries] == [
        ("sms", "sent", 1)
    ]


def test_several_of_a_kind_are_one_text(kit, owner, institution_id):
    for day in (1, 2, 3):
        kit.deliver(expiring(institution_id, f"2026-12-0{day}"))
    before = len(texts(kit))

    kit.run_job("send_notifications")

    assert len(inbox(owner)) == 3
    assert len(texts(kit)) == before + 1


def test_mails_go_to_proven_addresses_that_were_chosen(kit, owner, institution_id):
    set_email(kit, owner)
    before = len(mails(kit)), len(texts(kit))
    choice = {"sms": [], "email": ["licence"]}
    assert owner.put(CHOICE, choice, if_match=0).status == 200

    kit.deliver(expiring(institution_id))
    kit.deliver(accepted(institution_id))
    kit.run_job("send_notifications")

    assert (len(mails(kit)), len(texts(kit))) == (before[0] + 1, before[1])
    assert len(inbox(owner)) == 2


def test_a_choice_is_read_replaced_and_guarded_by_its_version(owner):
    default = owner.get(CHOICE)
    chosen = owner.put(CHOICE, {"sms": ["review"], "email": ["review"]}, if_match=0)
    stale = owner.put(CHOICE, {"sms": [], "email": []}, if_match=0)
    unknown = owner.put(CHOICE, {"sms": ["weather"], "email": []}, if_match=chosen.version)

    assert default.version == 0
    assert {each["group"] for each in default.json["groups"]} == {group.value for group in Group}
    by_group = {each["group"]: (each["sms"], each["email"]) for each in chosen.json["groups"]}
    assert (by_group["review"], by_group["licence"]) == ((True, True), (False, False))
    assert (stale.status, unknown.status) == (412, 422)


def test_the_recipient_asks_for_it_again_but_not_at_once(kit, owner, institution_id):
    kit.deliver(accepted(institution_id))
    (one,) = inbox(owner)
    path = f"{INBOX}/{one['notification_id']}/deliveries"

    at_once = owner.post(path, {"channel": "sms"})
    no_address = owner.post(path, {"channel": "email"})
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        later = owner.post(path, {"channel": "sms"})

    assert (at_once.status, at_once.problem) == (429, "message-sent-just-now")
    assert (no_address.status, no_address.problem) == (409, "no-verified-address")
    assert later.status == 202
    assert len(owner.get(path).json["items"]) == 2


@pytest.fixture
def office(kit):
    """An authority with a reviewer and a region administrator; who is told of what."""
    national = kit.as_authority("national_admin", level="national", region="000000")
    authority_id = national.post(f"{BASE}/authorities", XIHU).json["authority_id"]
    for role in ("reviewer", "region_admin"):
        account = {
            "username": f"xihu.{role.replace('_', '.')}",
            "password": PASSWORD,
            "role": role,
            "person_name": "沈禾",
            "authority_id": authority_id,
        }
        assert national.post(f"{BASE}/accounts", account).status == 201
    return authority_id


def test_who_comes_later_is_not_told_what_is_told_again_for_others_copies(kit, request):
    case = routed(new_id())
    kit.deliver(case)
    office = UUID(request.getfixturevalue("office"))

    kit.deliver(case.model_copy(update={"authority_id": office, "version": 2}))
    kit.deliver(case.model_copy(update={"authority_id": office, "version": 3}))

    assert told_roles(kit, "case_routed") == ["region_admin", "reviewer"]


def told_roles(kit, kind):
    query = text("SELECT role FROM notification JOIN account USING (account_id) WHERE kind = :kind")
    with kit.active(), reading() as tx:
        return sorted(tx.execute(query, {"kind": kind}).scalars())


def routed(office, **changed):
    known = {
        "case_id": new_id(),
        "version": 1,
        "institution_id": new_id(),
        "kind": "compliance",
        "subject_id": new_id(),
        "authority_id": office,
    }
    return CaseRouted(**known | changed)


def test_the_people_of_an_authority_are_told_of_its_cases(kit, office):
    case = routed(office)

    kit.deliver(case)
    kit.deliver(case.model_copy(update={"version": 9}))
    kit.deliver(routed(office, state="decided"))

    assert told_roles(kit, "case_routed") == ["region_admin", "reviewer"]


def test_what_an_institution_takes_back_is_told_to_whom_it_lay_with(kit, office):
    taken_back = CaseDecided(
        case_id=new_id(),
        version=2,
        institution_id=new_id(),
        kind="compliance",
        subject_id=new_id(),
        decision="withdrawn",
        decided_on="2026-11-03",
        lay_with=office,
    )
    kit.deliver(taken_back)

    assert told_roles(kit, "case_withdrawn") == ["region_admin", "reviewer"]


def test_a_late_case_goes_to_the_administrator_above(kit, office):
    late = ReviewOverdue(
        case_id=new_id(),
        institution_id=new_id(),
        kind="compliance",
        authority_id=None,
        step_no=1,
        light="red",
        due_on="2026-11-03",
        escalated_to=office,
    )
    kit.deliver(late)

    assert told_roles(kit, "review_escalated") == ["region_admin"]


def test_decisions_are_told_with_their_number(kit, owner, institution_id):
    decided = CaseDecided(
        case_id=new_id(),
        version=2,
        institution_id=institution_id,
        kind="compliance",
        subject_id=new_id(),
        decision="returned",
        decided_on="2026-11-03",
        authority_id=new_id(),
        reason="周某某的证书不符",
        application_kind="renewal",
        doc_no="330106202611030000001-1",
    )
    kit.deliver(decided)
    kit.deliver(decided.model_copy(update={"doc_no": None, "kind": "registration"}))

    (one,) = inbox(owner)
    assert one["text"].startswith("您的延续申请退回整改，决定编号 330106202611030000001-1。")
    assert "周某某" not in one["text"]


def test_a_task_told_again_for_others_copies_is_told_once(kit, owner, institution_id):
    opened = RectificationOpened(
        version=1,
        to_state="open",
        rectification_id=new_id(),
        institution_id=institution_id,
        kind="other",
        due_on="2026-12-01",
    )
    kit.deliver(opened)
    kit.deliver(opened.model_copy(update={"version": 4}))

    assert [one["kind"] for one in inbox(owner)] == ["rectification_opened"]


def test_an_institution_is_told_that_it_is_listed_not_that_it_was_proposed(
    kit, owner, institution_id
):
    known = {
        "version": 1,
        "list_entry_id": new_id(),
        "list_type": "grey",
        "institution_id": institution_id,
        "region_code": "330106",
        "from_on": "2026-11-03",
    }
    kit.deliver(ListEntryChanged(**known, to_state="proposed"))
    kit.deliver(ListEntryChanged(**known | {"version": 2}, to_state="listed"))

    (one,) = inbox(owner)
    assert one["text"].startswith("主管部门已将机构列入灰名单（预警）")


def test_an_institution_is_told_once_that_it_is_to_stop_and_that_it_may_go_on(
    kit, owner, institution_id
):
    known = {
        "version": 4,
        "institution_id": institution_id,
        "authority_id": new_id(),
        "ordered_on": "2026-11-03",
    }
    for kind, to_state in (("suspension", "suspended"), ("resumption", "compliant")):
        measure = {"measure_id": new_id(), "kind": kind, "to_state": to_state}
        kit.deliver(MeasureOrdered(**known | measure))
    kit.run_job("send_notifications")

    newest, first = inbox(owner)
    assert [first["kind"], newest["kind"]] == ["training_suspended", "training_resumed"]
    assert first["text"].startswith("主管部门自2026年11月3日起责令机构暂停培训")
    assert first["about"].keys() == {"measure_id"}
    assert any(each.startswith("机构被责令暂停培训：") for each in texts(kit))


def test_who_held_a_case_reads_who_took_it_and_why(kit, desk, office):
    with kit.active(), reading() as tx:
        known = tx.execute(text("SELECT username, account_id FROM account"))
        ids = {row.username: row.account_id for row in known}
    mine, head = ids["xihu.reviewer"], ids["xihu.region.admin"]
    known = {
        "case_id": new_id(),
        "actor": head,
        "institution_id": new_id(),
        "kind": "compliance",
        "authority_id": office,
        "former_account_id": mine,
        "account_id": head,
    }
    for how, reason in (("taken_over", "外出培训"), ("assigned", "分工调整"), ("covered", None)):
        kit.deliver(CaseTakenOver(**known, assignment_id=new_id(), how=how, reason=reason))

    told = [each["text"] for each in reversed(inbox(signed_in(kit, desk, "xihu.reviewer")))]
    assert told == [
        "您办理的一件合规申请已由沈禾接办。理由：外出培训",
        "您办理的一件合规申请已由沈禾改派给沈禾办理。理由：分工调整",
        "您办理的一件合规申请已由沈禾接办。理由：替班",
    ]
    assert told_roles(kit, "case_taken_over") == ["reviewer", "reviewer"]


def test_read_ones_are_forgotten_after_a_year_and_unread_ones_after_two(kit, owner, institution_id):
    kit.deliver(accepted(institution_id))
    kit.deliver(expiring(institution_id))
    newest, _ = inbox(owner)
    owner.post(f"{INBOX}/{newest['notification_id']}/reading")
    now = clock.now()

    left = []
    for days in (364, 366, 731):
        with clock.frozen(now + timedelta(days=days)):
            kit.run_job("forget_notifications")
        with kit.active(), reading() as tx:
            left.append(tx.scalar(text("SELECT count(*) FROM notification")))

    assert left == [2, 1, 0]


class FailingCarrier(HTTPServer):
    """A gateway that takes texts until it is told to fail."""

    def __init__(self) -> None:
        self.status, self.asked = 202, 0
        self.look: Callable[[], None] = lambda: None
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                carrier.asked += 1
                carrier.look()
                self.send_response(carrier.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def hang_up(self) -> None:
        """The text was read, and nothing comes back."""
        raise ConnectionAbortedError

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def carrier() -> Iterator[FailingCarrier]:
    server = FailingCarrier()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture
def by_webhook(make_kit, carrier, tmp_path):
    """The same service, whose texts go to the carrier."""
    secret = tmp_path / "secret"
    secret.write_text("a secret of forty characters, shared once.")
    return make_kit(
        service,
        sms_sender="webhook",
        sms_url=f"http://127.0.0.1:{carrier.server_port}/texts",
        sms_secret_file=str(secret),
        sms_rest_seconds=0,
    )


def test_while_a_text_is_on_its_way_no_other_worker_takes_it(
    kit, owner, institution_id, carrier, by_webhook
):
    kit.deliver(accepted(institution_id))
    seen = []

    def look():
        with psycopg.connect(kit.owner_url) as connection:
            seen.extend(connection.execute("SELECT state, next_at, attempts FROM delivery"))

    carrier.look = look
    by_webhook.run_job("send_notifications")

    [(state, next_at, attempts)] = seen
    assert (state, attempts) == ("queued", 1)
    assert next_at > clock.now() + timedelta(minutes=4)


def test_what_a_carrier_never_answered_is_not_sent_twice(
    kit, owner, institution_id, carrier, by_webhook
):
    kit.deliver(accepted(institution_id))
    carrier.look = carrier.hang_up

    by_webhook.run_job("send_notifications")
    with clock.frozen(clock.now() + timedelta(hours=3)):
        by_webhook.run_job("send_notifications")

    (one,) = inbox(owner)
    [delivery] = owner.get(f"{INBOX}/{one['notification_id']}/deliveries").json["items"]
    assert (delivery["state"], delivery["failure"]) == ("perhaps_sent", "not_answered")
    assert carrier.asked == 1


def test_an_address_that_nobody_proved_gets_no_mail(kit, owner, institution_id):
    set_email(kit, owner)
    owner.put(CHOICE, {"sms": [], "email": ["review"]}, if_match=0)
    with psycopg.connect(kit.owner_url) as connection:
        connection.execute("UPDATE account SET email_verified_at = NULL")
    before = len(mails(kit))

    kit.deliver(accepted(institution_id))
    kit.run_job("send_notifications")

    assert len(mails(kit)) == before


def test_a_cancelled_account_is_told_nothing(kit, owner, institution_id):
    with psycopg.connect(kit.owner_url) as connection:
        connection.execute("UPDATE account SET status = 'cancelled'")

    kit.deliver(accepted(institution_id))

    with psycopg.connect(kit.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM notification").fetchone() == (0,)


def test_what_no_carrier_takes_is_tried_again_and_goes_by_mail_at_last(
    kit, owner, institution_id, carrier, by_webhook
):
    set_email(kit, owner)
    assert owner.put(CHOICE, {"sms": ["review"], "email": []}, if_match=0).status == 200
    kit.deliver(accepted(institution_id))
    carrier.status = 500
    now, before = clock.now(), len(mails(kit))

    for minutes in (0, *(sum(BACK_OFF_MINUTES[: each + 1]) + 1 for each in range(4))):
        with clock.frozen(now + timedelta(minutes=minutes)):
            by_webhook.run_job("send_notifications")
    with clock.frozen(now + timedelta(days=1)):
        kit.run_job("send_notifications")

    (one,) = inbox(owner)
    deliveries = owner.get(f"{INBOX}/{one['notification_id']}/deliveries").json["items"]
    assert carrier.asked == 5
    assert [(each["channel"], each["state"], each["attempts"]) for each in deliveries] == [
        ("sms", "given_up", 5),
        ("email", "sent", 1),
    ]
    assert len(mails(kit)) == before + 1


def test_every_kind_of_case_has_its_word():
    assert set(CASES_ZH) == {"registration", "external_review", "compliance", "deregistration"}


def test_every_group_has_a_name_and_a_default():
    assert set(news.GROUPS_ZH) == set(news.DEFAULTS) == set(Group)
    assert {each.group for each in news.NEWS.values()} == set(Group)
    assert not news.is_allowed(Group.REVIEW, Channel.EMAIL, None)


def test_the_page_of_notifications_lists_what_is_told():
    page = (Path(__file__).parents[3] / "docs/notifications.md").read_text(encoding="utf-8")
    rows = ["| kind | group | title | text |", "|---|---|---|---|"]
    for kind, told in news.NEWS.items():
        rows.append(f"| `{kind}` | {news.GROUPS_ZH[told.group]} | {told.title} | {told.text} |")

    assert "\n".join(rows) in page, "\n".join(rows)
