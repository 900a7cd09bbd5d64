"""The routing table itself, and that it agrees with the services' own specifications."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from otsp_gateway.openapi import operations_of
from otsp_gateway.problems import EDGE_PROBLEMS
from otsp_gateway.render import UnsafePathError, empty_session_cache, render
from otsp_gateway.routes import RoutingTable, load_routes
from otsp_gateway.settings import GatewaySettings

CHECKOUT = Path(__file__).parents[2]
SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")


def table_with(**changes):
    return load_routes().model_dump() | changes


def settings_with(**changes):
    upstreams = dict.fromkeys(SERVICES, ("127.0.0.1:9001",))
    given = {"env": "test", "listen": ("127.0.0.1:8080",), "upstreams": upstreams, "specs": {}}
    return GatewaySettings.model_validate(given | changes)


def service_specs():
    """Of the services that this checkout has."""
    paths = sorted(CHECKOUT.glob("services/*/src/*/openapi.yaml"))
    return {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}


def test_the_six_services_have_routes():
    table = load_routes()

    assert tuple(table.services) == SERVICES
    for service in SERVICES:
        assert table.find_route(f"/api/{service}/v1/anything").service == service


@pytest.mark.parametrize(
    ("path", "public_for"),
    [
        ("/api/auth/v1/sessions", {"POST"}),
        ("/api/auth/v1/sessions/current", set()),
        ("/api/auth/v1/registrations", {"GET", "POST", "PUT", "PATCH", "DELETE"}),
        ("/api/auth/v1/registrationsx", set()),
        ("/api/auth/v1/accounts", set()),
        ("/api/compliance/v1/applications", set()),
        ("/api/compliance/v1/rules", {"GET"}),
        ("/api/compliance/v1/rules/TIM-003", {"GET"}),
        ("/api/compliance/v1/rule-versions", set()),
    ],
)
def test_what_is_public_is_public_for_those_methods_only(path, public_for):
    route = load_routes().find_route(path)

    methods = {m for m in ("GET", "POST", "PUT", "PATCH", "DELETE") if route.is_public(m)}

    assert methods == public_for


def test_workbook_to_import_comes_in_as_a_file_does():
    table = load_routes()

    for service in ("staff", "materials", "courses"):
        route = table.find_route(f"/api/{service}/v1/institutions/7/imports")
        assert (route.body, route.stream, route.rate) == ("20m", True, "upload")
        below = table.find_route(f"/api/{service}/v1/institutions/7/imports/8/application")
        assert (below.body, below.stream) == (None, False)  # those of all requests


def test_videos_may_be_larger_than_other_files():
    table = load_routes()

    bodies = {s: table.find_route(f"/api/{s}/v1/institutions/7/files").body for s in SERVICES[1:]}

    assert bodies.pop("materials") == "500m"
    assert set(bodies.values()) == {"20m"}


def test_the_table_and_the_specifications_agree_on_what_is_public():
    table = load_routes()
    wrong = []
    for spec in service_specs().values():
        for method, path, operation in operations_of(spec):
            route = table.find_route(path)
            if route is None or route.is_public(method) != (operation.get("security") == []):
                wrong.append(f"{method} {path}")

    assert wrong == []


def test_every_header_that_an_operation_asks_for_passes_the_edge():
    table = load_routes()
    everywhere = {name.lower() for name in table.forwarded_headers.api}
    stopped = set()
    for spec in service_specs().values():
        shared = spec.get("components", {}).get("parameters", {})
        for _, path, operation in operations_of(spec):
            service = table.services[table.find_route(path).service]
            own = {"authorization"} if service.receives_authorization else set()
            passing = everywhere | own
            for given in operation.get("parameters", []):
                parameter = shared[given["$ref"].split("/")[-1]] if "$ref" in given else given
                if parameter["in"] == "header" and parameter["name"].lower() not in passing:
                    stopped.add(parameter["name"])

    assert stopped == set()


def test_a_problem_that_services_have_too_reads_the_same_at_the_edge():
    from otsp_chassis.problems import all_problems

    theirs = {cls.slug: (cls.status, cls.title) for cls in all_problems()}

    for problem in EDGE_PROBLEMS:
        assert theirs.get(problem.slug, (problem.status, problem.title)) == (
            problem.status,
            problem.title,
        )


@pytest.mark.parametrize(
    "path",
    [
        "/api/auth/v1/x; return 200",
        "/api/staff/v1/x",
        "/api/auth/v1/{id}/**",
        "/api/auth/v2/x",
        "auth",
    ],
)
def test_an_entry_that_could_mean_something_else_is_refused(path):
    with pytest.raises(ValidationError):
        RoutingTable.model_validate(table_with(routes=[{"path": path, "service": "auth"}]))


@pytest.mark.parametrize(
    "header", ["OTSP-Identity", "X-Forwarded-For", "Authorization", "Host", "A\r\nB", "Forwarded"]
)
def test_no_list_can_let_the_edges_own_headers_through(header):
    lists = {"api": [header], "portal": []}

    with pytest.raises(ValidationError):
        RoutingTable.model_validate(table_with(forwarded_headers=lists))


@pytest.mark.parametrize(
    "changes",
    [
        {"env": "production", "limit_exempt": ("127.0.0.0/8",)},
        {"listen": ("127.0.0.1:80; daemon on",)},
        {"listen": ()},
        {"portal": ("portal",)},
        {"public_hosts": ("a.cn } server {",)},
        {"rates": {"standard": {"rate": "fast", "burst": 1}}},
    ],
)
def test_settings_that_nginx_must_not_get_are_refused(changes, tmp_path):
    with pytest.raises(ValidationError):
        settings_with(session_cache_dir=tmp_path, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"upstreams": {"auth": ("127.0.0.1:9001",)}},
        {"upstreams": dict.fromkeys(SERVICES, ())},
        {"rates": {"unheard": {"rate": "1r/s", "burst": 1}}},
    ],
)
def test_settings_that_do_not_fit_the_table_are_refused(changes, tmp_path):
    settings = settings_with(session_cache_dir=tmp_path, **changes)

    with pytest.raises(ValueError, match="OTSP_GATEWAY"):
        render(settings, tmp_path / "out")


def test_a_folder_that_would_end_a_directive_is_refused(tmp_path):
    settings = settings_with(session_cache_dir=tmp_path)

    with pytest.raises(UnsafePathError):
        render(settings, tmp_path / "out; include x")


def test_the_session_cache_is_emptied_and_closed_to_others(tmp_path):
    left_over = tmp_path / "sessions" / "a" / "0123"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("KEY: token")

    cache = empty_session_cache(tmp_path)

    assert not left_over.exists()
    assert cache.stat().st_mode & 0o777 == 0o700


def test_a_session_cache_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sessions").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UnsafePathError):
        empty_session_cache(tmp_path)
