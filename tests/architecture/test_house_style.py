"""The measurable half of CONTRIBUTING.md: sizes, names, rooms, migrations, documents."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module

MAX_FILE, MAX_TEST_FILE, MAX_FUNCTION, MAX_TEST_FUNCTION, MAX_ARGUMENTS = 400, 600, 40, 60, 6
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
BROAD_EXCEPTIONS_ALLOWED = {
    "libs/chassis/src/otsp_chassis/http/application.py": 1,  # the request door
    "libs/chassis/src/otsp_chassis/inbox.py": 2,  # the event door, first attempt and retry
    "libs/chassis/src/otsp_chassis/jobs.py": 2,  # the job door, and that of one thing among many
    "libs/chassis/src/otsp_chassis/bus/delivery.py": 1,  # whoever holds the message retries
}
TOLD = {
    "libs/chassis/src/otsp_chassis/worker.py": 1,  # a thread's death ends the process
}
ROOMS = {
    "app",
    "settings",
    "api",
    "consumers",
    "jobs",
    "snapshot",
    "commands",
    "queries",
    "model",
    "rules",
    "migrations",
    "openapi.yaml",
    "py.typed",
    "__init__",
    "bootstrap",
    "counters",
    "republish",
    "retention",
    "stuck",
}
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")


def test_files_are_short(sources):
    long = [
        (source.name, lines)
        for source in sources
        if "migrations" not in source.name
        and (lines := source.text.count("\n")) > (MAX_TEST_FILE if source.is_test else MAX_FILE)
    ]

    assert long == []


def test_functions_are_short_and_take_few_arguments(sources):
    assert [
        (source.name, node.name)
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and _is_large(node, is_test=source.is_test)
    ] == []


def test_names_say_something(sources):
    assert [source.name for source in sources if source.path.stem in SAYS_NOTHING] == []


def test_nothing_is_left_over(sources):
    here = "tests/architecture/test_house_style.py"
    assert [
        source.name for source in sources if source.name != here and LEFT_OVER.search(source.text)
    ] == []


def test_exceptions_are_only_caught_whole_at_the_doors(sources):
    found: dict[str, int] = {}
    for source in sources:
        count = sum(_is_broad(node) for node in ast.walk(source.tree))
        if count and not source.is_test:
            found[source.name] = count

    assert found == BROAD_EXCEPTIONS_ALLOWED | TOLD


def test_tests_neither_sleep_nor_skip(sources):
    forbidden = re.compile(r"(time\.|asyncio\.)?sleep|pytest\.((mark\.)?skip(if)?|importorskip)")
    assert [
        (source.name, node.lineno)
        for source in sources
        if source.is_test
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute) and forbidden.fullmatch(ast.unparse(node))
    ] == []


def test_test_folders_hold_no_packages(sources):
    assert [s.name for s in sources if s.is_test and s.path.name == "__init__.py"] == []


def test_metrics_are_declared_in_one_place(sources):
    kinds = {"Counter", "Gauge", "Histogram", "Info", "Summary"}
    assert {
        source.name
        for source in sources
        if not source.is_test
        if "from prometheus_client import" in source.text
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in kinds
    } == {"libs/chassis/src/otsp_chassis/metrics.py"}


def test_service_has_the_rooms_of_the_house_and_no_others(root, service):
    package = root / "services" / service / "src" / f"otsp_{service}"
    found = {path.stem if path.suffix == ".py" else path.name for path in package.iterdir()}

    assert found - {"__pycache__"} <= ROOMS
    assert {"app", "api", "commands", "model", "migrations", "openapi.yaml"} <= found


def test_service_has_a_page_of_its_own(root, service):
    text = (root / "services" / service / "README.md").read_text(encoding="utf-8")

    for section in ("Owns", "Operations", "Events", "Tables", "Runbook"):
        assert re.search(rf"^#+ .*{section}", text, re.MULTILINE | re.IGNORECASE), section


def test_migrations_are_one_numbered_line_up_to_the_committed_head(root, service):
    folder = root / "services" / service / "src" / f"otsp_{service}" / "migrations"
    files = sorted(folder.glob("versions/*.py"))
    previous = None
    for number, file in enumerate(files, start=1):
        text = file.read_text(encoding="utf-8")
        assert file.name.startswith(f"{number:04d}_")
        assert f'revision = "{file.stem}"' in text
        wanted = f'down_revision = "{previous}"' if previous else "down_revision = None"
        assert wanted in text
        previous = file.stem

    assert (folder / "HEAD").read_text(encoding="utf-8").strip() == previous


def test_members_declare_exactly_what_they_import(root):
    faults = []
    for file in sorted(root.glob("*/pyproject.toml")) + sorted(root.glob("*/*/pyproject.toml")):
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        declared = {re.split(r"[\[<>=~ ]", each)[0] for each in project["dependencies"]}
        imported = {
            DISTRIBUTIONS.get(name, name.replace("_", "-"))
            for name in _imported(file.parent / "src") - _own(file.parent / "src")
        }
        faults += [(project["name"], "undeclared", each) for each in imported - declared]
        faults += [(project["name"], "unused", each) for each in declared - imported]

    assert sorted(faults) == NEEDED_WITHOUT_IMPORT


NEEDED_WITHOUT_IMPORT = [
    ("otsp-chassis", "unused", "gunicorn"),  # reads gunicorn_conf.py
    ("otsp-chassis", "unused", "opentelemetry-sdk"),  # lies in one name space with its exporter
    ("otsp-chassis", "unused", "pypinyin"),  # its table of readings is read, without its phrases
    ("otsp-cli", "unused", "gunicorn"),  # is what `otsp api` becomes
    ("otsp-gateway", "unused", "flask-swagger-ui"),  # its files are copied
]


DISTRIBUTIONS = {
    "opentelemetry": "opentelemetry-exporter-otlp-proto-http",
    "helm_python": "helm-python-sdk",
    "yaml": "pyyaml",
    "xdist": "pytest-xdist",
    "PIL": "pillow",
    "argon2": "argon2-cffi",
    "chinese_calendar": "chinesecalendar",
    "uuid_utils": "uuid-utils",
    "prometheus_client": "prometheus-client",
    "flask_swagger_ui": "flask-swagger-ui",
    "flask_bootstrap": "bootstrap-flask",
    "markdown_it": "markdown-it-py",
    "psycopg": "psycopg",
    "stdnum": "python-stdnum",
    "jsonschema_rs": "jsonschema-rs",
    "pydantic_settings": "pydantic-settings",
    "_pytest": "pytest",
}


def _imported(folder) -> set[str]:
    import sys

    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    tops = {name.partition(".")[0] for name in names if name}
    return tops - set(sys.stdlib_module_names) - {"__future__"}


def _own(folder) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _is_large(node: ast.FunctionDef, *, is_test: bool) -> bool:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    arguments = len(node.args.args) + len(node.args.kwonlyargs)
    too_many = arguments > MAX_ARGUMENTS + 1 and not is_test and not _is_edge(node)
    return lines > (MAX_TEST_FUNCTION if is_test else MAX_FUNCTION) or too_many


def _is_edge(node: ast.FunctionDef) -> bool:
    """An api function takes what its operation declares; audit.record writes one wide row."""
    return {"principal", "tx", "self"} & {each.arg for each in node.args.args} != set()


def _is_broad(node: ast.AST) -> bool:
    return isinstance(node, ast.ExceptHandler) and (
        node.type is None
        or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
    )


def test_every_event_has_a_producer_and_a_consumer_or_is_for_the_public(root, sources):
    from otsp_contracts.envelope import PAYLOAD_CLASSES

    shipped = "\n".join(s.text for s in sources if "/services/" in str(s.path) and not s.is_test)
    unheard = set((root / "tests/architecture/events_without_consumer.txt").read_text().split())
    consumed = {kind for service in _services() for kind in _consumed(service)}
    for kind, payload in PAYLOAD_CLASSES.items():
        name = payload.__name__
        made = rf"\b{name}(\.answering)?\(|\bevent={name}\b"
        assert re.search(made, shipped), f"nobody publishes {kind}"

    assert set(PAYLOAD_CLASSES) - consumed == unheard


def _services() -> Iterator[str]:
    yield from ("auth", "institution", "staff", "materials", "courses", "compliance")


def _consumed(service: str) -> set[str]:
    from importlib.util import find_spec

    from otsp_chassis.inbox import subscriptions

    name = f"otsp_{service}.consumers"
    return set(subscriptions(import_module(name))) if find_spec(name) else set()
