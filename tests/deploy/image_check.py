"""`./dev image --check`: every role from the image, confined, and the three samples through it.

Not part of `./dev test`: it needs an engine and minutes. Everything it makes is erased again.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from otsp_cli.serving import SERVICES
from otsp_local.compose import Composition
from otsp_local.engine import compose_command, find_engine
from otsp_local.image import TAG
from otsp_local.ports import free_port
from otsp_local.settings import ComposeSettings
from otsp_testkit.outcomes import OF_SAMPLES, outcomes

pytestmark = pytest.mark.timeout(1500)
PROJECT = "otsp-check"
ROLES = [
    "gateway",
    "portal",
    *(f"{role}-{service}" for role in ("api", "worker") for service in SERVICES),
]
CONFINED = """
import json, os, pathlib
lines = pathlib.Path("/proc/1/status").read_text().splitlines()
status = dict(line.split(":", 1) for line in lines)
def is_writable(folder):
    try:
        (pathlib.Path(folder) / "probe").write_text("x")
    except OSError:
        return False
    return True
places = ("/", "/etc", "/opt/otsp", "/opt/platform", "/usr", "/tmp")
tools = ("pip", "gcc", "cc", "curl", "wget")
print(json.dumps({
    "uid": int(status["Uid"].split()[0]),
    "capabilities": int(status["CapBnd"], 16) | int(status["CapEff"], 16),
    "no_new_privileges": status["NoNewPrivs"].strip(),
    "writable": [place for place in places if is_writable(place)],
    "tools": [each for each in tools
              if any((pathlib.Path(d) / each).exists() for d in os.get_exec_path())],
}))
"""


@pytest.fixture(scope="session")
def composition(tmp_path_factory) -> Iterator[Composition]:
    """Under a name, ports, networks and keys of its own."""
    engine = find_engine()
    settings = ComposeSettings(
        compose_dir=tmp_path_factory.mktemp("compose"), listen=f"127.0.0.1:{free_port()}"
    )
    given = {
        "COMPOSE_PROJECT_NAME": PROJECT,
        "OTSP_LISTEN": settings.listen,
        "OTSP_PROMETHEUS_LISTEN": f"127.0.0.1:{free_port()}",
        "OTSP_EDGE_SUBNET": "10.83.9.0/24",
        "OTSP_PORTAL_ADDRESS": "10.83.9.10",
        "OTSP_DEMO_ADDRESS": "10.83.9.11",
    }
    made = Composition(engine, compose_command(), settings, given)
    made.secrets.ensure()
    with ExitStack() as stack:
        stack.callback(made.run, "down", "--volumes", "--timeout", "5", is_told=True)
        made.up()
        yield made


@pytest.fixture(scope="session")
def results(composition) -> list[dict]:
    """What the demonstration came to, after it has ended by itself."""
    demo = container(composition, "demo")
    assert composition.engine.call("wait", demo).strip() == "0", composition.engine.call(
        "logs", demo
    )
    told = composition.run(
        "run", "--rm", "--no-deps", "-T", "demo", "demo", "/etc/otsp/samples.yaml", "--json",
        "--gateway=http://gateway:8080", "--accounts=/var/lib/otsp/accounts.json",
        "--results=/var/lib/otsp/demo.json", is_told=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]


def container(composition, service):
    return composition.run("ps", "--all", "--quiet", service, is_told=True).stdout.strip()


def test_three_samples_come_to_exactly_what_the_law_says(results):
    assert outcomes(results) == OF_SAMPLES


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_confined(composition, role):
    name = container(composition, role)
    told = json.loads(composition.engine.call("exec", name, "python", "-c", CONFINED))

    assert told == {
        "uid": 10001,
        "capabilities": 0,
        "no_new_privileges": "1",
        "writable": ["/tmp"],
        "tools": [],
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_healthy(composition, results, role):
    name = container(composition, role)
    state = composition.engine.call("inspect", "--format", "{{.State.Health.Status}}", name)

    assert state.strip() == "healthy"


def test_pages_and_documents_are_served(composition, results):
    origin = composition.environment()["OTSP_ORIGIN"]

    assert 'lang="zh-CN"' in httpx.get(f"{origin}/", follow_redirects=True).text
    assert httpx.get(f"{origin}/api/openapi.json").json()["openapi"] == "3.0.3"


def test_prometheus_finds_every_process_up(composition, results):
    listen = composition.given["OTSP_PROMETHEUS_LISTEN"]
    answer = httpx.get(f"http://{listen}/api/v1/query", params={"query": "up"}).json()
    up = {each["metric"]["instance"]: each["value"][1] for each in answer["data"]["result"]}

    assert len(up) == 2 * len(SERVICES) + 1
    assert set(up.values()) == {"1"}


def told(composition, program, *options):
    """What a program of Python prints in a container of its own, without a network."""
    engine = composition.engine
    return engine.call(
        "run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL",
        "--security-opt=no-new-privileges", *options, "--entrypoint=python", TAG, "-c", program,
    ).strip()  # fmt: skip


def test_a_document_is_set_in_chinese(composition):
    """The font and the typesetter are there, and need nothing to write to."""
    program = (
        "import typst; from otsp_chassis.fonts import FONTS;"
        "font = next(f for f in FONTS if f.is_file());"
        "text = b'#set text(font: \"WenQuanYi Micro Hei\")\\n' + '回执'.encode();"
        "print(typst.compile(text, font_paths=[str(font.parent)])[:5])"
    )

    assert told(composition, program) == "b'%PDF-'"


def test_the_bill_of_materials_names_what_is_in_the_image(composition):
    listing = (
        "import json, importlib.metadata as m;"
        "bill = json.load(open('/usr/share/otsp/sbom.cdx.json'));"
        "named = {c['name'].lower() for c in bill['components']};"
        "print(sorted(d.name for d in m.distributions() if d.name.lower() not in named),"
        " 'nginx' in named, open('/usr/share/otsp/licences.tsv').readline().split())"
    )

    assert told(composition, listing) == "[] True ['package', 'version', 'licence']"


def test_what_the_build_was_lent_did_not_stay(composition):
    history = composition.engine.call("history", "--no-trunc", "--format={{.CreatedBy}}", TAG)
    search = (
        "import pathlib; print([str(p) for f in ('/etc/pip.conf', '/run/secrets', '/build')"
        " for p in [pathlib.Path(f)] if p.exists()])"
    )

    assert "BEGIN CERTIFICATE" not in history
    assert "index_url" not in history
    assert told(composition, search) == "[]"
