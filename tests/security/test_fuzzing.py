"""S2: schemathesis against each service, seeded; the long form is `./dev fuzz --cases 10000`.

The short form sends every example, random requests to every operation, chains of them, and every
boundary of a few operations' schemas; the long form every boundary of all.
"""

import importlib.util
import sys
from pathlib import Path
from random import Random

import flask
import psycopg
import pytest
from werkzeug.test import Client

from otsp_chassis.identity import HEADER
from otsp_local import environment
from otsp_testkit.specifications import SERVICES, Operation, all_operations, specification_of

HERE = Path(__file__).parent
WHOLE = 1
"""Operations of a service of which the short form tries every boundary."""
ALL_PHASES = ("examples", "coverage", "fuzzing", "stateful")
LEAST_REACHED = 0.3
"""Of the operations: were fewer answered with success, little but refusals would be tried."""


def _beside():
    spec = importlib.util.spec_from_file_location("security_fuzzing", HERE / "fuzzing.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


fuzzing = _beside()


@pytest.fixture(scope="session")
def tool():
    """schemathesis, in its own environment."""
    environment.make(environment.FUZZ.name, sys.executable)


@pytest.fixture(scope="module")
def settings():
    return fuzzing.FuzzSettings()


@pytest.fixture(scope="module")
def clients(world, callers, may_pass):
    return fuzzing.Clients(
        may_pass=may_pass,
        identity=lambda caller: callers.headers(caller).get(HEADER, ""),
        worthless=["", *(callers.headers(bad)[HEADER] for bad in ("forged", "expired"))],
        named=world.id_of,
    )


@pytest.fixture
def unlocked(world):
    """Opens what the world's filing locked, so that writes come further than 423."""

    def opened(service):
        with psycopg.connect(world.platform.kits[service].owner_url) as connection:
            connection.execute("DELETE FROM review_lock")

    return opened


def short_form(tool, judge, address, folder, *, service, seed):
    mine = [each.id for each in all_operations() if each.service == service]
    few = sorted(Random(f"{seed}{service}").sample(mine, WHOLE))
    specification = specification_of(service)
    told = fuzzing.fuzz(
        specification, address, folder, seed=seed, examples=1,
        phases=("examples", "fuzzing", "stateful"),
    )  # fmt: skip
    return told + fuzzing.fuzz(
        specification, address, folder, seed=seed, examples=1, phases=["coverage"], only=few
    )


def long_form(tool, judge, address, folder, *, service, seed, cases):
    told = ""
    while judge.report.cases < cases and not told:
        told = fuzzing.fuzz(
            specification_of(service), address, folder, seed=seed, examples=10, phases=ALL_PHASES
        )
        seed += 1
    return told


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("service", SERVICES)
def test_no_request_breaks_a_service_or_gets_past_it(
    service, tool, world, clients, settings, unlocked, tmp_path
):
    operations = [each for each in all_operations() if each.service == service]
    kit = world.platform.kits[service]
    unlocked(service)
    judge = fuzzing.Judge(kit.app, operations, clients, settings.seed)
    given = {"service": service, "seed": settings.seed}
    with fuzzing.served(judge) as address:
        if settings.cases:
            share = settings.cases // len(SERVICES)
            told = long_form(tool, judge, address, tmp_path, **given, cases=share)
        else:
            told = short_form(tool, judge, address, tmp_path, **given)

    report = judge.report
    print(report.line(service, len(operations)))  # noqa: T201 - what ./dev fuzz tells (-rA)
    assert not report.faults, report.told()
    assert not told, told
    assert len(report.successes) >= LEAST_REACHED * len(operations)


# --- that it can fail


def planted(answer):
    """A service of one operation that answers so."""
    application = flask.Flask("planted")
    application.config["PROPAGATE_EXCEPTIONS"] = True
    definition = {
        "operationId": "planted.get_thing",
        "security": [{"session": ["thing:read"]}],
        "parameters": [{"name": "size", "in": "query", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "A thing."}, "default": {"description": "A problem."}},
    }
    specification = {
        "openapi": "3.0.3",
        "info": {"title": "Planted", "version": "1"},
        "paths": {"/things": {"get": definition}},
    }
    application.add_url_rule(
        "/things", "planted_get_thing", answer, provide_automatic_options=False
    )
    application.register_error_handler(404, lambda _: refusal("unknown-route", 404))
    application.register_error_handler(
        405, lambda _: refusal("method-not-allowed", 405, {"Allow": "GET, HEAD"})
    )
    operation = Operation("planted", "/things", "get", definition, specification)
    return application, operation, specification


def refusal(slug, status, headers=None):
    told = f'{{"type": "urn:otsp:problem:{slug}", "status": {status}}}'
    return flask.Response(told, status, headers, content_type="application/problem+json")


def guarded(body="{}", status=200, content_type="application/json"):
    """Whoever has an identity is answered so."""

    def answer():
        if flask.request.headers.get(HEADER) != "good":
            return refusal("unauthorised", 401)
        return flask.Response(body, status, content_type=content_type)

    return answer


def raising():
    return guarded()() if flask.request.headers.get(HEADER) != "good" else 1 / 0


PROBLEM = "application/problem+json"
PLANTED = {
    "sound": (guarded(), None),
    "breaks": (guarded("boom", 500, "text/plain"), "planted.get_thing breaks: boom"),
    "raises": (raising, "planted.get_thing breaks: ZeroDivisionError('division by zero')"),
    "undocumented": (guarded("{}", 206), "planted.get_thing answers 206, undocumented"),
    "no problem": (guarded("no", 400, "text/html"), "planted.get_thing refuses without a problem"),
    "unknown problem": (
        guarded('{"type": "urn:otsp:problem:made-up", "status": 400}', 400, PROBLEM),
        "planted.get_thing refuses without a problem",
    ),
    "other status": (
        guarded('{"type": "urn:otsp:problem:not-found", "status": 400}', 400, PROBLEM),
        "planted.get_thing refuses without a problem",
    ),
    "open": (lambda: flask.Response("{}", content_type="application/json"),
             "planted.get_thing lets anybody pass"),
}  # fmt: skip


def judge_over(application, operation):
    clients = fuzzing.Clients(
        may_pass={operation.id: ["somebody"]},
        identity=lambda _: "good",
        worthless=["", "bad"],
        named=lambda *_: None,
    )
    return fuzzing.Judge(application, [operation], clients, seed=1)


@pytest.mark.parametrize("name", PLANTED)
def test_planted_fault_is_found(name):
    answer, fault = PLANTED[name]
    application, operation, _ = planted(answer)
    judge = judge_over(application, operation)

    Client(judge).get("/things")

    assert judge.report.cases == 1
    assert set(judge.report.faults) == ({fault} if fault else set())


def test_planted_fault_behind_a_boundary_is_found_over_the_network(tool, tmp_path):
    """Whatever is no number breaks it; nobody says so but schemathesis."""

    def fragile():
        size = flask.request.args.get("size", "0")
        return guarded()() if size.lstrip("-").isdecimal() else guarded("boom", 500)()

    application, operation, specification = planted(fragile)
    judge = judge_over(application, operation)

    with fuzzing.served(judge) as address:
        told = fuzzing.fuzz(
            specification, address, tmp_path, seed=1, examples=1, phases=["coverage"]
        )

    assert set(judge.report.faults) == {"planted.get_thing breaks: boom"}
    assert "Server error" in told
