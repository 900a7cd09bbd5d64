"""Account recovery (账号找回, specification §1.6): from the lost mobile to the new password."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from otsp_auth import bootstrap
from otsp_auth.commands.legacy import Line
from otsp_auth.model import Account
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt
from otsp_contracts.institution import ProfileChanged, RegistrationSubmitted
from otsp_testkit.documents import pdf
from otsp_testkit.legacy import COLUMNS, legacy_cells, legacy_uscc
from otsp_testkit.legacy import PASSWORD as LEGACY_PASSWORD

BASE, PASSWORD, NEW = "/api/auth/v1", "Xihu-2026-peixun", "Xihu-2027-peixun"
LOST, OWN, FRESH = "13800000001", "13800000077", "13800000078"
USCC = "52330106MJFAKE011P"
KINDS = ("registration_certificate", "legal_rep_id", "authorisation")
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}
HANGZHOU = XIHU | {"name": "杭州市教育局", "level": "city", "region_code": "330100"}
ZHEJIANG = XIHU | {"name": "浙江省教育厅", "level": "province", "region_code": "330000"}
PROFILE = {
    "name": "西湖启明培训学校",
    "region_code": "330106",
    "categories": ("subject",),
    "delivery_modes": ("offline",),
    "stages": ("primary",),
    "legal_nature": "nonprofit",
}
SCAN = pdf("front", "back")
REASON = {"reason": "证照和授权书核对无误"}


class Applicant:
    """Who lost the mobile of an institution's account, and asks for it with another."""

    def __init__(self, kit, mobile: str = OWN) -> None:
        self._door, self.mobile = kit.anonymous(), mobile
        self.request_id = self.secret = None

    def texts(self, mobile: str) -> list[str]:
        found = self._door.get(f"{BASE}/development/messages", query={"mobile": mobile}).json
        return [each["text"] for each in found["items"]]

    def begin(self, **changes):
        asked = self._door.post(f"{BASE}/recovery-codes", {"applicant_mobile": self.mobile})
        assert asked.status == 201, asked.content
        body = {
            "verification_id": asked.json["verification_id"],
            "code": re.search(r"\d{6}", self.texts(self.mobile)[0])[0],
            "institution_name": PROFILE["name"],
            "uscc": USCC,
            "region_code": "330106",
            "delivery": "offline",
            "applicant_name": "周明",
            "new_mobile": FRESH,
        }
        answer = self._door.post(f"{BASE}/recovery-requests", body | changes)
        if answer.status == 201:
            self.request_id, self.secret = answer.json["request_id"], answer.json["secret"]
        return answer

    def upload(self, kind: str = KINDS[0], content: bytes = SCAN, secret=None):
        return self._door.call(
            "POST",
            self.path("proofs"),
            query={"kind": kind, "name": "scan.pdf"},
            raw=content,
            content_type="application/pdf",
            headers=self._bearer(secret),
        )

    def submit(self):
        return self._door.call("POST", self.path("submission"), headers=self._bearer())

    def status(self, secret=None):
        return self._door.get(self.path("status"), headers=self._bearer(secret))

    def apply(self, **changes) -> str:
        assert self.begin(**changes).status == 201
        for kind in KINDS:
            assert self.upload(kind).status == 201
        answer = self.submit()
        assert answer.status == 200, answer.content
        return self.request_id

    def choose(self, password: str = NEW, mobile: str = FRESH):
        token = re.search(r"#([A-Za-z0-9_-]{43})", self.texts(mobile)[0])[1]
        body = {"token": token, "new_password": password}
        return self._door.post(f"{BASE}/password-links/completion", body)

    def path(self, name: str) -> str:
        return f"{BASE}/recovery-requests/{self.request_id}/{name}"

    def _bearer(self, secret=None):
        return {"Authorization": f"Bearer {secret or self.secret}"}


@pytest.fixture
def make_kit(make_kit):
    """Applicants ask again within the minute."""
    return lambda service, **settings: make_kit(service, text_pause_seconds=0, **settings)


@pytest.fixture
def national(kit):
    return kit.as_authority("national_admin", level="national", region="000000")


def enter(national, fields) -> str:
    return national.post(f"{BASE}/authorities", fields).json["authority_id"]


@pytest.fixture
def office(national) -> str:
    return enter(national, XIHU)


@pytest.fixture
def admin(kit, office):
    return kit.as_authority("region_admin", authority_id=office)


@pytest.fixture
def applicant(kit) -> Applicant:
    return Applicant(kit)


@pytest.fixture
def account(kit, desk) -> dict:
    """Of a registered institution, whose mobile is lost."""
    return registered(kit, desk, LOST)


def registered(kit, desk, mobile: str, **changes) -> dict:
    account = desk.register(mobile)
    known = PROFILE | {"institution_id": account["institution_id"], "version": 1, "uscc": USCC}
    submitted = {"from_state": "draft", "to_state": "submitted", "submitted_on": clock.today()}
    kit.deliver(RegistrationSubmitted(**known | submitted))
    status = {"registration_status": "approved", "compliance_status": "not_applied"}
    kit.deliver(ProfileChanged(**known | status | changes))
    return account


def hire(national, office: str, name: str, role: str = "reviewer") -> None:
    body = {"username": name, "password": PASSWORD, "role": role, "person_name": "沈禾"}
    assert national.post(f"{BASE}/accounts", body | {"authority_id": office}).status == 201


def decide(client, request_id: str, action: str, **body):
    return client.post(f"{BASE}/recovery-requests/{request_id}/{action}", REASON | body)


def approve(client, request_id: str, account: dict, **body):
    return decide(client, request_id, "approval", account_id=account["account_id"], **body)


def trail(kit, action: str) -> list[tuple]:
    with kit.active(), reading() as tx:
        query = "SELECT reason, pii_fields FROM audit_entry WHERE action = :action"
        return [tuple(row) for row in tx.execute(text(query), {"action": action})]


def test_lost_account_is_recovered_and_nobody_else_knows_its_password(
    kit, desk, account, admin, applicant
):
    token = desk.login(LOST).json["token"]
    request_id = applicant.apply()
    assert applicant.status().json["status"] == "submitted"

    answer = approve(admin, request_id, account)

    assert (answer.status, answer.json["status"]) == (200, "approved")
    assert desk.use(token).status == 401
    assert "138****0078" in applicant.texts(LOST)[0]
    assert applicant.choose().status == 204
    opened = desk.login(FRESH, NEW).json["account"]
    assert (opened["account_id"], opened["status"]) == (account["account_id"], "active")
    assert desk.login(LOST, NEW).status == 401
    told = applicant.status().json
    assert (told["status"], told["reason"]) == ("approved", REASON["reason"])
    assert trail(kit, "auth.recovery_approved") == [(REASON["reason"], [])]


THIEF = "thief@example.com"


def test_mail_address_of_a_lost_account_recovers_nothing_any_more(kit, account, admin, applicant):
    """Whoever took the account over may have entered it."""
    with kit.active(), transaction() as tx:
        owner = tx.get(Account, UUID(account["account_id"]))
        owner.email, owner.email_index = encrypt(THIEF), blind_index(THIEF)
        owner.email_verified_at = clock.now()
    approve(admin, applicant.apply(), account)
    assert applicant.choose().status == 204

    kit.anonymous().post(f"{BASE}/password-resets", {"email": THIEF})

    mails = kit.anonymous().get(f"{BASE}/development/mails", query={"email": THIEF}).json["items"]
    assert re.search(r"\d{6}", mails[0]["text"]) is None


@pytest.mark.parametrize("was_tried", [False, True])
def test_migrated_account_that_was_never_activated_is_recovered(
    kit, desk, admin, applicant, was_tried
):
    """The legacy password is void by that; personal information is still to be completed."""
    line = Line(2, [legacy_cells(1)[name] for name in COLUMNS])
    given = {"is_dry": False, "operator": "ops", "runtime": kit.runtime}
    assert list(bootstrap.import_legacy("xwpx_offline", COLUMNS, [[line]], **given))
    token = desk.login("jg1", LEGACY_PASSWORD).json["token"] if was_tried else None
    request_id = applicant.apply(uscc=legacy_uscc(1))
    [found] = admin.get(f"{BASE}/recovery-requests/{request_id}").json["accounts"]

    assert approve(admin, request_id, found).json["status"] == "approved"

    assert desk.login("jg1", LEGACY_PASSWORD).status == 401
    assert desk.use(token).status == 401
    assert applicant.choose().status == 204
    opened = desk.login("jg1", NEW).json["account"]
    assert (opened["status"], opened["mobile"]) == ("migrated_inactive", FRESH)
    assert opened["duties"] == ["personal_information"]


def test_account_that_is_being_recovered_opens_by_no_password(desk, account, admin, applicant):
    approve(admin, applicant.apply(), account)

    refused = [desk.login(mobile) for mobile in (LOST, FRESH)]
    shown = admin.get(f"{BASE}/accounts/{account['account_id']}").json

    assert [each.status for each in refused] == [401, 403]
    assert shown["status"] == "recovering"


def test_link_that_ran_out_is_sent_again_until_it_was_used(desk, account, admin, applicant):
    request_id = applicant.apply()
    approve(admin, request_id, account)

    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert applicant.choose().problem == "link-not-good"
        assert decide(admin, request_id, "link").status == 200
        assert applicant.choose().status == 204
        assert decide(admin, request_id, "link").problem == "account-status-forbids"
        assert desk.login(FRESH, NEW).status == 201


def test_no_link_is_sent_again_of_a_request_that_nobody_has_approved(admin, applicant):
    assert decide(admin, applicant.apply(), "link").problem == "account-status-forbids"


def test_refused_applicant_reads_the_reason(desk, account, admin, applicant):
    request_id = applicant.apply()

    answer = decide(admin, request_id, "rejection", reason="授权书未加盖公章")

    assert answer.json["status"] == "rejected"
    assert applicant.status().json["reason"] == "授权书未加盖公章"
    assert "未通过" in applicant.texts(OWN)[0]
    assert desk.login(LOST).status == 201


@pytest.mark.parametrize("first", ["approval", "rejection"])
def test_decided_request_is_not_decided_again(account, admin, applicant, first):
    request_id = applicant.apply()
    body = {"account_id": account["account_id"]} if first == "approval" else {}
    decide(admin, request_id, first, **body)

    for late in (approve(admin, request_id, account), decide(admin, request_id, "rejection")):
        assert (late.status, late.problem) == (409, "recovery-decided")


def test_of_decisions_at_the_same_time_one_wins(kit, account, office, applicant):
    request_id = applicant.apply()
    admins = [kit.as_authority("region_admin", authority_id=office) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: approve(each, request_id, account), admins))

    assert sorted(each.status for each in answers) == [200, 409, 409, 409]
    assert len([each for each in applicant.texts(FRESH) if "#" in each]) == 1


def test_code_opens_one_draft(applicant):
    wrong = applicant.begin(code="000000")
    body = {"applicant_mobile": LOST}

    assert wrong.problem == "wrong-code"
    assert applicant.begin().status == 201
    assert applicant._door.post(f"{BASE}/recovery-codes", body).status == 201


def test_whoever_has_not_the_secret_finds_no_request(kit, applicant):
    applicant.begin()
    other = Applicant(kit, "13800000079")
    other.begin()

    for answer in (
        applicant.upload(secret=other.secret),
        applicant.status(secret=other.secret),
        kit.anonymous().get(applicant.path("status")),
        kit.anonymous().call("POST", applicant.path("submission")),
    ):
        assert (answer.status, answer.problem) == (404, "not-found")


def test_request_without_all_proofs_is_not_submitted(office, applicant):
    applicant.begin()
    applicant.upload("legal_rep_id")

    assert applicant.submit().pointers == {"/registration_certificate", "/authorisation"}


def test_proof_is_a_file_of_its_kind_and_only_while_it_is_a_draft(office, applicant):
    applicant.begin()

    assert applicant.upload(content=b"MZ not a scan").problem == "file-content-differs"
    assert applicant.upload(kind="portrait").status == 400
    applicant.apply()
    assert applicant.upload().problem == "recovery-submitted"
    assert applicant.submit().problem == "recovery-submitted"


def test_scan_that_cannot_be_opened_is_refused_because_nobody_would_see_it(applicant):
    applicant.begin()

    refused = applicant.upload(content=b"%PDF-1.7\n%%EOF\n")

    assert (refused.status, refused.problem) == (422, "recovery-proof-unreadable")
    assert applicant.submit().status == 422


def test_page_of_a_scan_is_shown_as_wide_as_it_is_asked_for(admin, applicant):
    request_id = applicant.apply()
    [proof, *_] = admin.get(f"{BASE}/recovery-requests/{request_id}").json["proofs"]
    path = f"{BASE}/recovery-requests/{request_id}/proofs/{proof['file_id']}"

    widths = [
        Image.open(BytesIO(admin.get(path, query=query).content)).width
        for query in ({"width": 320}, {"page": 2}, {"width": 1600})
    ]

    assert widths == [320, 800, 1600]


def test_files_of_one_request_are_few(applicant):
    applicant.begin()

    answers = [applicant.upload() for _ in range(10)]

    assert [each.status for each in answers] == [201] * 9 + [409]


def test_three_requests_of_a_number_may_be_open_in_thirty_days(kit, office):
    for _ in range(3):
        Applicant(kit).apply()
    late = Applicant(kit)
    late.begin()
    for kind in KINDS:
        late.upload(kind)

    assert (late.submit().status, late.submit().problem) == (429, "too-many-recoveries")
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert Applicant(kit, "13800000079").apply()


def test_offline_requests_go_to_the_county_and_online_ones_to_the_province(kit, national, office):
    province = enter(national, ZHEJIANG)
    Applicant(kit).apply()
    Applicant(kit).apply(delivery="online")

    for authority_id, delivery in ((office, "offline"), (province, "online")):
        client = kit.as_authority("region_admin", authority_id=authority_id)
        found = client.get(f"{BASE}/recovery-requests").json["items"]
        assert [each["delivery"] for each in found] == [delivery]


def test_request_climbs_where_the_county_has_no_authority(kit, national, applicant):
    city = enter(national, HANGZHOU)

    applicant.apply()

    client = kit.as_authority("region_admin", authority_id=city)
    assert len(client.get(f"{BASE}/recovery-requests").json["items"]) == 1


def test_request_that_nobody_could_decide_stays_a_draft(applicant):
    applicant.begin()
    for kind in KINDS:
        applicant.upload(kind)

    assert applicant.submit().problem == "nobody-in-charge"
    assert applicant.status().json["status"] == "draft"


def test_queue_tells_masked_and_the_request_in_full_to_its_authority(
    kit, account, admin, applicant
):
    request_id = applicant.apply()

    [listed] = admin.get(f"{BASE}/recovery-requests", query={"status": "submitted"}).json["items"]
    opened = admin.get(f"{BASE}/recovery-requests/{request_id}").json

    persons = ("applicant_name", "applicant_mobile", "new_mobile")
    assert [listed[name] for name in persons] == ["周*", "138****0077", "138****0078"]
    assert [opened["request"][name] for name in persons] == ["周明", OWN, FRESH]
    assert sorted(each["kind"] for each in opened["proofs"]) == sorted(KINDS)
    [found] = opened["accounts"]
    assert (found["account_id"], found["mobile"]) == (account["account_id"], "138****0001")
    assert trail(kit, "auth.recovery_read") == [(None, list(persons))]


def test_proof_is_shown_to_its_authority_and_that_is_recorded(kit, admin, applicant):
    request_id = applicant.apply()
    proofs = admin.get(f"{BASE}/recovery-requests/{request_id}").json["proofs"]
    path = f"{BASE}/recovery-requests/{request_id}/proofs"

    shown = admin.get(f"{path}/{proofs[0]['file_id']}")

    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.content.startswith(b"\xff\xd8")
    assert admin.get(f"{path}/{proofs[0]['file_id']}", query={"page": 3}).status == 404
    assert admin.get(f"{path}/{new_id()}").status == 404
    assert trail(kit, "auth.recovery_proof_read") == 2 * [(None, [proofs[0]["kind"]])]


def test_another_authority_knows_nothing_of_a_request(kit, account, office, applicant):
    request_id = applicant.apply()
    stranger = kit.as_authority("region_admin", region="330105")

    assert stranger.get(f"{BASE}/recovery-requests").json["items"] == []
    assert stranger.get(f"{BASE}/recovery-requests/{request_id}").status == 404
    assert approve(stranger, request_id, account).status == 404
    assert decide(stranger, request_id, "rejection").status == 404


def test_reviewer_decides_no_request_alone(kit, account, office, applicant):
    request_id = applicant.apply()
    reviewer = kit.as_authority("reviewer", authority_id=office)

    assert approve(reviewer, request_id, account).problem == "forbidden"
    assert decide(reviewer, request_id, "rejection").problem == "forbidden"


def test_only_an_account_of_the_institution_is_recovered(kit, desk, account, admin, applicant):
    stranger = registered(kit, desk, "13800000002", uscc="52110108MJFAKE02XN")
    claimed = registered(kit, desk, "13800000003", registration_status="draft")
    request_id = applicant.apply()

    for other in (stranger, claimed, {"account_id": str(new_id())}):
        assert approve(admin, request_id, other).pointers == {"/account_id"}


def test_suspended_account_is_resumed_before_it_is_recovered(desk, account, admin, applicant):
    path = f"{BASE}/accounts/{account['account_id']}/suspension"
    assert admin.post(path, {"reason": "停止办学"}).status == 200

    assert approve(admin, applicant.apply(), account).problem == "account-status-forbids"
    assert applicant.status().json["status"] == "submitted"


def test_mobile_of_another_account_is_not_given_away(desk, account, admin, applicant):
    desk.register(FRESH)

    answer = approve(admin, applicant.apply(), account)

    assert (answer.status, answer.problem) == (409, "mobile-registered")
    assert desk.login(LOST).status == 201


@pytest.mark.parametrize("status", ["compliant", "change_pending"])
def test_compliant_institution_is_recovered_by_two_people(
    kit, desk, national, office, admin, applicant, status
):
    account = registered(kit, desk, LOST, compliance_status=status)
    for name in ("shenhe.one", "shenhe.two"):
        hire(national, office, name)
    request_id = applicant.apply()
    reviewer = kit.as_authority("reviewer", authority_id=office)

    assert approve(reviewer, request_id, account).problem == "forbidden"
    first = approve(admin, request_id, account)
    assert (first.json["status"], first.json["awaits_second"]) == ("submitted", True)
    assert desk.login(LOST).status == 201
    assert approve(admin, request_id, account).problem == "second-person-needed"

    second = approve(reviewer, request_id, account)

    assert (second.json["status"], second.json["awaits_second"]) == ("approved", False)
    assert applicant.choose().status == 204


def test_one_person_is_enough_when_the_mobile_stays(kit, desk, admin, applicant):
    account = registered(kit, desk, LOST, compliance_status="compliant")

    answer = approve(admin, applicant.apply(new_mobile=LOST), account)

    assert answer.json["status"] == "approved"
    assert applicant.choose(mobile=LOST).status == 204


def test_superior_authority_agrees_where_nobody_else_is(kit, desk, national, office, applicant):
    account = registered(kit, desk, LOST, compliance_status="compliant")
    city = enter(national, HANGZHOU)
    hire(national, office, "quyu.one", "region_admin")
    own, other, above = (
        kit.as_authority("region_admin", authority_id=each) for each in (office, office, city)
    )
    request_id = applicant.apply()
    assert above.get(f"{BASE}/recovery-requests/{request_id}").status == 404

    approve(own, request_id, account)

    assert approve(other, request_id, account).problem == "forbidden"
    assert approve(above, request_id, account).json["status"] == "approved"


def test_both_people_agree_to_the_same_account(kit, desk, national, office, admin, applicant):
    account = registered(kit, desk, LOST, compliance_status="compliant")
    twin = registered(kit, desk, "13800000002", compliance_status="compliant")
    for name in ("shenhe.one", "shenhe.two"):
        hire(national, office, name)
    request_id = applicant.apply()
    approve(admin, request_id, account)

    answer = approve(kit.as_authority("reviewer", authority_id=office), request_id, twin)

    assert answer.pointers == {"/account_id"}


def test_draft_is_forgotten_after_a_day_with_its_files(kit, applicant):
    applicant.begin()
    applicant.upload()
    [path] = stored(kit)

    kit.run_job("forget_recoveries")
    assert path.exists()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        kit.run_job("forget_recoveries")

    assert not path.exists()
    assert applicant.status().status == 404


def test_proofs_and_persons_of_a_decided_request_are_erased(kit, account, admin, applicant):
    request_id = applicant.apply()
    files = stored(kit)
    decide(admin, request_id, "rejection")

    with clock.frozen(clock.now() + timedelta(days=181)):
        kit.run_job("forget_recoveries")

    opened = admin.get(f"{BASE}/recovery-requests/{request_id}").json
    assert (opened["proofs"], opened["request"]["applicant_name"]) == ([], None)
    assert opened["request"]["reason"] == REASON["reason"]
    assert [each for each in files if each.exists()] == []
    with kit.active(), reading() as tx:
        assert set(tx.execute(text("SELECT name FROM attachment")).scalars()) == {""}


def test_undecided_request_is_kept(kit, admin, applicant):
    request_id = applicant.apply()

    with clock.frozen(clock.now() + timedelta(days=400)):
        kit.run_job("forget_recoveries")

    assert len(admin.get(f"{BASE}/recovery-requests/{request_id}").json["proofs"]) == 3


def stored(kit) -> list:
    """The attachments' files of this database."""
    with kit.active(), reading() as tx:
        keys = tx.execute(text("SELECT storage_key FROM attachment")).scalars().all()
    root = kit.runtime.settings.files_dir
    return [path for path in root.rglob("*") if path.name in keys]


def test_older_profile_never_replaces_a_newer(kit, desk, account, admin, applicant):
    known = PROFILE | {"institution_id": account["institution_id"], "uscc": USCC}
    states = {"registration_status": "draft", "compliance_status": "not_applied"}
    kit.deliver(ProfileChanged(**known | states | {"version": 0}))

    assert approve(admin, applicant.apply(), account).status == 200
    assert kit.set_aside() == []
