"""S5, T-S8: what holds of each route of the portal, read from its map of URLs."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from werkzeug.routing import UUIDConverter

from otsp_chassis.ids import new_id
from otsp_portal.app import create_app
from otsp_portal.settings import PortalSettings

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self';"
        " frame-ancestors 'none'; base-uri 'none'; media-src 'self'; manifest-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
ORIGIN = "https://portal.test"
TYPED = {"GET": None} | {method: {"name": "示例"} for method in CHANGING}
UNBELIEVED = "这一页打开太久"
MANY = 100
"""Routes that there are at least: with fewer this page would look at nothing."""


class Upstream(ThreadingHTTPServer):
    """A gateway that notes what it is asked and refuses it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Refusing)
        self.asked = []


class Refusing(BaseHTTPRequestHandler):
    def _answer(self):
        self.server.asked.append((self.command, self.path))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"type":"urn:otsp:problem:forbidden","title":"","status":403,"detail":""}'
        self.send_response(403)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def upstream():
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def portal(upstream, tmp_path_factory):
    keys = tmp_path_factory.mktemp("portal") / "keys"
    keys.write_text("k" * 40)
    return create_app(
        PortalSettings(
            env="production",
            gateway_url=f"http://127.0.0.1:{upstream.server_port}",
            secret_keys=keys,
        )
    )


@pytest.fixture(scope="module")
def browser(portal):
    """With the cookie of a session, as somebody has who is sent here from another site."""
    client = portal.test_client()
    client.set_cookie("__Host-otsp_session", "s" * 43, secure=True, path="/")
    return client


def routes(portal, methods):
    """Each route that takes one of these methods, with a path of it."""
    for rule in portal.url_map.iter_rules():
        for method in sorted(rule.methods & methods):
            yield method, rule.endpoint, path_of(portal, rule)


def path_of(portal, rule):
    """With ids that nothing has, and the first of the words where the route names them."""
    values = {}
    for name, converter in rule._converters.items():
        words = sorted(getattr(converter, "items", ()))
        is_id = isinstance(converter, UUIDConverter)
        values[name] = words[0] if words else new_id() if is_id else 1
    return portal.url_map.bind("portal.test").build(rule.endpoint, values)


@pytest.fixture(scope="module")
def visits(portal, browser, upstream):
    """Each route once, without the token of a form; the answer, and what the platform was asked."""
    made = []
    for method, endpoint, path in routes(portal, {"GET"} | CHANGING):
        before = len(upstream.asked)
        answer = browser.open(path, method=method, base_url=ORIGIN, data=TYPED[method])
        made.append((method, endpoint, answer, upstream.asked[before:]))
    assert len([each for each in made if each[0] in CHANGING]) >= MANY
    return made


def test_no_form_is_taken_without_its_token(visits):
    """Nor is the platform asked in the visitor's name."""
    taken = [
        (method, endpoint, answer.status_code, asked)
        for method, endpoint, answer, asked in visits
        if method in CHANGING
        and (answer.status_code != 400 or UNBELIEVED not in answer.text or asked)
    ]

    assert taken == []


def test_a_token_of_another_browser_is_none(portal, browser, upstream):
    page = portal.test_client().get("/login", base_url=ORIGIN).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    before = len(upstream.asked)

    answer = browser.post("/login", base_url=ORIGIN, data={"csrf_token": token, "username": "a"})

    assert (answer.status_code, upstream.asked[before:]) == (400, [])


def test_every_route_answers_with_the_same_guards(visits):
    wrong = {
        (method, endpoint): {name: answer.headers.get(name) for name in HEADERS}
        for method, endpoint, answer, _ in visits
        if not HEADERS.items() <= dict(answer.headers).items()
    }
    kept = [
        endpoint
        for _, endpoint, answer, _ in visits
        if not endpoint.endswith("static") and answer.headers["Cache-Control"] != "no-store"
    ]

    assert (wrong, kept) == ({}, [])


def test_no_route_changes_anything_when_it_is_only_read(visits):
    asked = {way for method, _, _, asked in visits if method == "GET" for way, _ in asked}

    assert asked == {"GET"}


def test_cookies_of_production_are_bound_to_this_host(portal):
    cookies = portal.test_client().get("/login", base_url=ORIGIN).headers.getlist("Set-Cookie")

    assert [each.partition("=")[0] for each in cookies] == ["__Host-otsp_form"]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookies[0].split("; "))
    assert "Domain" not in cookies[0]
