"""S6: marked personal data in every field, failures over it, and a search of all that is told.

Real processes over RabbitMQ and behind nginx. Every operation is asked once with marks where any
text may stand and once with marks where none may; a file is refused; a request and a handler die
over a row that holds marks. Then logs, metrics, traces, problems, headers, events are searched.
"""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import httpx
import orjson
import pika
import psycopg
import pytest
import yaml

from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform
from otsp_local.processes import wait_until
from otsp_local.rabbitmq import LocalRabbit
from otsp_local.settings import LocalSettings
from otsp_testkit import marks
from otsp_testkit.documents import pdf
from otsp_testkit.pages import Page
from otsp_testkit.specifications import JSON, SERVICES, all_operations

ACCOUNTS = {
    "institution": "institution-C",
    "reviewer": "reviewer-510107-education",
    "region_admin": "region_admin-510107-education",
    "national_admin": "national_admin",
    "auditor": "auditor",
    "operator": "operator",
    "anonymous": "",
}
"""The callers of authorisation.yaml as accounts of the demonstration."""
LEFT_OUT = {
    "otsp_auth.api.sessions.close_session": "ends the session that the next one needs",
    "otsp_auth.api.own_sessions.close_own_session": "the same",
    "otsp_auth.api.own_sessions.log_out_everywhere": "the same",
    "otsp_auth.api.accounts.suspend_account": "may meet who asks next",
    "otsp_auth.api.accounts.close_account": "the same",
}
SECTIONS = ".snapshot_provided.v1"
NAMES_OF_THINGS = {"institution.fee_item_changed.v1": "what a fee is called"}
"""Events whose `name` is nobody's."""
ROWS = frozenset({"current", "conflicting"})
TAP = "marked-values"
OPERATIONS = {each.id: each for each in all_operations()}
FORMS = ("/login", "/forgot", "/register", "/whitelist")


@dataclass(slots=True)
class Told:
    """What the platform told while it was asked: place → marks that stand there."""

    refusals: list[httpx.Response] = field(default_factory=list)
    answers: list[httpx.Response] = field(default_factory=list)
    done: set[str] = field(default_factory=set)


class Asker:
    """Asks every operation as somebody who may."""

    def __init__(self, demo):
        self.demo = demo
        self.told = Told()
        listed = ROOT / "tests" / "security" / "authorisation.yaml"
        self._may_pass = yaml.safe_load(listed.read_text(encoding="utf-8"))["operations"]
        self.clients = {
            name: demo.login(account) if account else httpx.Client(base_url=demo.url, timeout=30)
            for name, account in ACCOUNTS.items()
        }
        account = self.clients["institution"].get("/api/auth/v1/account").json()
        self.ids = {"institution_id": account["institution_id"], "region_code": "510107"}

    def close(self):
        for client in self.clients.values():
            client.close()

    def learn(self):
        """The ids that lists tell, so that rows are met."""
        for operation in all_operations():
            if operation.method == "get" and self._is_reachable(operation):
                answer = self.send(operation, query={})
                if answer is not None and answer.headers["content-type"].startswith(JSON):
                    for name, value in marks.ids_in(answer.json()):
                        self.ids.setdefault(name, value)

    def ask_everything(self, *, is_broken):
        for operation in all_operations():
            if operation.id in LEFT_OUT:
                continue
            body = None
            if operation.content().get(JSON):
                make = marks.broken_body if is_broken else marks.sound_body
                body = make(operation)
            self.send(operation, body, query=marks.marked_query(operation, is_broken=is_broken))

    def send(self, operation, body=None, *, query, raw=None, content_type=None):
        caller = next((each for each in self._may_pass[operation.id] if each in ACCOUNTS), None)
        if caller is None:
            return None
        client = self.clients[caller]
        path = operation.path.format_map(
            {name: self.ids.get(name, "0" * 8) for name in operation.parameter_names("path")}
        )
        headers = {"Idempotency-Key": marks.new_key()}
        if body is not None:
            raw, content_type = orjson.dumps(body), JSON
        if "If-Match" in operation.parameter_names("header"):
            headers["If-Match"] = client.get(path).headers.get("ETag", '"1"')
        if content_type is not None:
            headers["Content-Type"] = content_type
        answer = client.request(operation.method, path, params=query, headers=headers, content=raw)
        if answer.status_code == 401 and ACCOUNTS[caller]:
            self._log_in_again(caller)
        self._note(operation, answer)
        return answer

    def _log_in_again(self, caller):
        """Some operations end the sessions of who asks."""
        self.clients[caller].close()
        self.clients[caller] = self.demo.login(ACCOUNTS[caller])

    def _note(self, operation, answer):
        self.told.answers.append(answer)
        if answer.status_code >= 400:
            self.told.refusals.append(answer)
        else:
            self.told.done.add(operation.id)

    def _is_reachable(self, operation):
        return set(operation.parameter_names("path")) <= self.ids.keys()


class Estate:
    """The running demonstration as an operator sees it."""

    def __init__(self, demo):
        self.run_dir = demo.run_dir
        self._platform = LocalPlatform(LocalSettings(run_dir=demo.run_dir))

    @cached_property
    def _rabbit(self):
        return LocalRabbit(self.run_dir / "rabbitmq")

    @contextmanager
    def broker(self):
        connection = pika.BlockingConnection(pika.URLParameters(self._rabbit.url))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def tap(self):
        """From now on every event is kept a second time."""
        with self.broker() as channel:
            channel.queue_declare(TAP, durable=True)
            channel.queue_bind(TAP, "otsp.events", "#")

    def tapped(self):
        with self.broker() as channel:
            while True:
                method, _, body = channel.basic_get(TAP, auto_ack=True)
                if method is None:
                    return
                yield method.routing_key, body

    def order(self, service, command):
        url = self._platform.postgres.superuser_dsn(f"otsp_{service}")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(command)

    @contextmanager
    def refusing_rows(self, service, table):
        """Whatever is inserted breaks a constraint, which quotes the whole row."""
        self.order(service, f"ALTER TABLE {table} ADD CONSTRAINT planted CHECK (false) NOT VALID")
        try:
            yield
        finally:
            self.order(service, f"ALTER TABLE {table} DROP CONSTRAINT planted")

    def waiting(self):
        """What lies in outboxes, as events of one kind each."""
        for service in SERVICES:
            for kind, payload in self.order(service, "SELECT type, outbox::text FROM outbox"):
                yield kind, payload.encode()

    def logs(self):
        """Every log of every program, nginx and the servers included."""
        return {
            path.relative_to(self.run_dir).as_posix(): path.read_bytes()
            for path in sorted(self.run_dir.rglob("*.log"))
            if path.is_file()
        }

    def log(self, program):
        (content,) = [each for path, each in self.logs().items() if path.endswith(f"{program}.log")]
        return content.decode()

    def metrics(self):
        ports = json.loads((self.run_dir / "ports.json").read_text(encoding="utf-8"))
        return {
            name: httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).content
            for name, port in ports.items()
            if name.startswith("metrics-")
        }


def visit(demo):
    """Pages that take what people type, by somebody unknown and by an institution's clerk."""
    answers = []
    with httpx.Client(base_url=demo.url, timeout=30, follow_redirects=True) as browser:
        for path in FORMS:
            answers += typed_into(browser, path)
        username, password = demo.account(ACCOUNTS["institution"])
        token = Page(browser.get("/login").text).form("/login").values["csrf_token"]
        known = {"csrf_token": token, "username": username, "password": password}
        assert browser.post("/login", data=known).url.path != "/login"
        for path in ("/staff/new", "/account"):
            answers += typed_into(browser, path)
    return answers


def typed_into(browser, path):
    page = browser.get(path, params={"name": marks.NAME, "q": marks.NAME})
    if page.status_code != 200:
        return [page]
    for form in Page(page.text).forms:
        if "logout" in form.told.get("action", ""):
            continue
        data = {
            name: values if name == "csrf_token" or any(values) else marks.mark_of(name)
            for name, values in form.values.items()
        }
        place = form.told.get("action") or path
        send = browser.post if form.told.get("method") == "post" else browser.get
        told = {"data": data} if form.told.get("method") == "post" else {"params": data}
        page = send(place, **told)
    return [page]


@pytest.fixture(scope="module")
def estate(demo_over_rabbitmq):
    return Estate(demo_over_rabbitmq)


@pytest.fixture(scope="module")
def told(demo_over_rabbitmq, estate, first_logs):
    """All of it is done, once."""
    estate.tap()
    asker = Asker(demo_over_rabbitmq)
    create = OPERATIONS["otsp_staff.api.people.create_staff"]
    upload = OPERATIONS["otsp_institution.api.registry.upload_file"]
    file = OPERATIONS["otsp_compliance.api.applications.file_application"]
    try:
        asker.learn()
        asker.ask_everything(is_broken=False)
        asker.ask_everything(is_broken=True)
        named = {"name": f"{marks.NAME}.pdf"}
        asker.send(upload, query=named, raw=pdf(marks.ID_NO), content_type="application/pdf")
        asker.send(upload, query=named, raw=pdf(marks.ID_NO), content_type="image/png")
        with estate.refusing_rows("staff", "staff"):
            died = asker.send(create, marks.sound_body(create), query={})
        body = {"institution_id": asker.ids["institution_id"], "kind": "initial"}
        with estate.refusing_rows("compliance", "snapshot_part"):
            filed = asker.send(file, body, query={})
            assert wait_until(
                lambda: "event_set_aside" in estate.log("worker-compliance"), seconds=60
            )
        visit(demo_over_rabbitmq)
    finally:
        asker.close()
    assert (died.status_code, filed.status_code) == (500, 202)
    return asker.told


def without_rows(refusal):
    """A conflict shows the row as who asks may read it anyway (U4): that is no echo."""
    if not refusal.headers["content-type"].startswith("application/problem+json"):
        return refusal.content
    problem = {name: each for name, each in refusal.json().items() if name not in ROWS}
    return json.dumps(problem, ensure_ascii=False).encode()


def hits(contents):
    """Place → marks in it, of those that have any."""
    return {place: found for place, each in contents.items() if (found := marks.marks_in(each))}


def test_marks_came_in(told, estate, demo_over_rabbitmq):
    """Were little done, little could leak."""
    writes = [each for each in told.done if OPERATIONS[each].method != "get"]
    kept = [
        each for each in told.answers if each.status_code < 400 and marks.marks_in(each.content)
    ]

    assert len(writes) >= 40
    assert len(kept) >= 25
    assert len({each.status_code for each in told.refusals}) >= 6


def test_the_search_is_not_blind(told, estate, collector):
    logs, metrics = estate.logs(), estate.metrics()

    assert any(b'"/api/auth/v1/sessions"' in each for each in logs.values())
    assert any(b"IntegrityError" in each for each in logs.values())
    assert any(b"CheckViolation" in each and b"planted" in each for each in logs.values())
    assert len(metrics) >= 13
    assert all(b"otsp_" in each for each in metrics.values())
    assert any(b"create_staff" in each for each in collector.bodies)


def test_no_log_holds_a_mark(told, estate):
    assert hits(estate.logs()) == {}


def test_no_metric_holds_a_mark(told, estate):
    assert hits(estate.metrics()) == {}


def test_no_span_holds_a_mark(told, collector):
    assert hits(dict(enumerate(collector.bodies))) == {}


def test_no_problem_and_no_header_holds_a_mark(told):
    problems = {
        f"{each.request.method} {each.url.path}": without_rows(each) for each in told.refusals
    }
    headers = {
        f"{each.request.method} {each.url.path}": str(each.headers).encode()
        for each in told.answers
    }

    assert hits(problems) == {}
    assert hits(headers) == {}


def test_events_hold_names_in_sections_only(told, estate):
    events = [*estate.tapped(), *estate.waiting()]
    assert any(kind.endswith(SECTIONS) for kind, _ in events)

    found = {}
    for kind, body in events:
        allowed = {marks.NAME, marks.NOTE} if kind.endswith(SECTIONS) else set()
        allowed |= {marks.NAME} if kind in NAMES_OF_THINGS else set()
        if carried := set(marks.marks_in(body)) - allowed:
            found.setdefault(kind, set()).update(carried)
    assert found == {}
