"""docker-compose.yml: its form by Compose's own schema, and what each container may do."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from otsp_cli.serving import SERVICES
from otsp_local.compose_secrets import OPTIONAL, ComposeSecrets
from otsp_local.engine import compose_command
from otsp_local.settings import whole_environment

ROOT = Path(__file__).resolve().parents[2]
THEIR_OWN = {"clamav"}
"""Their image drops its rights by itself and fetches signatures."""
OWNS_ITS_VOLUME = {"s3"}
"""Root, for a new volume has the owner of the folder in its image; without any capability."""
ONCE = {"databases", "admin", "demo", *(f"migrate-{service}" for service in SERVICES)}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    made = ComposeSecrets(tmp_path_factory.mktemp("compose") / "keys")
    made.ensure(OPTIONAL)
    return made


@pytest.fixture(scope="module")
def composition(secrets):
    """The file as Compose itself understands it, with every profile."""
    told = subprocess.run(
        [*compose_command(), "config"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=whole_environment(
            OTSP_COMPOSE_DIR=str(secrets.folder), COMPOSE_PROFILES=",".join(OPTIONAL)
        ),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return yaml.safe_load(told.stdout)


@pytest.fixture(scope="module")
def services(composition):
    return composition["services"]


def conditions(service):
    return {name: told["condition"] for name, told in service.get("depends_on", {}).items()}


def test_the_topology_is_whole(services):
    roles = {f"{role}-{name}" for role in ("api", "worker", "migrate") for name in SERVICES}
    around = {"gateway", "portal", "postgres", "rabbitmq", "databases", "admin", "demo"}

    assert services.keys() == roles | around | {"prometheus", "grafana", "clamav", "s3"}


def test_the_database_logs_no_rows(services):
    assert "log_error_verbosity=terse" in services["postgres"]["command"]


def test_every_container_is_as_confined_as_in_the_chart(services):
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert "privileged" not in service, name
        if name not in THEIR_OWN:
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            is_root = service["user"].split(":")[0] in {"0", "root"}
            assert is_root == (name in OWNS_ITS_VOLUME), name


def test_roles_run_as_the_user_of_the_image(services):
    ours = [each for each in services.values() if each["image"] == "otsp:dev"]

    assert len(ours) == 3 * len(SERVICES) + 4
    assert {each["user"] for each in ours} == {"10001:10001"}


def test_every_image_is_pinned_to_a_version(services):
    for name, service in services.items():
        tag = service["image"].rpartition(":")[2]
        assert re.fullmatch(r"v?\d+\.\d+.*|dev", tag), (name, service["image"])


def test_what_runs_once_is_awaited_and_not_repeated(services):
    for name in ONCE:
        assert services[name]["restart"] == "no", name
    for service in SERVICES:
        for role in ("api", "worker"):
            told = conditions(services[f"{role}-{service}"])
            assert told[f"migrate-{service}"] == "service_completed_successfully"


def test_start_follows_health(services):
    apis = {f"api-{service}": "service_healthy" for service in SERVICES}
    workers = {f"worker-{service}": "service_healthy" for service in SERVICES}

    assert conditions(services["gateway"]).items() >= apis.items()
    assert conditions(services["demo"]).items() >= workers.items()
    for service in SERVICES:
        assert conditions(services[f"worker-{service}"])["rabbitmq"] == "service_healthy"


def test_only_the_gateway_and_what_is_looked_at_listen_and_on_loopback(services):
    published = {
        name: [str(port) for port in service["ports"]]
        for name, service in services.items()
        if service.get("ports")
    }

    assert published.keys() == {"gateway", "prometheus", "grafana"}
    for ports in published.values():
        assert all("127.0.0.1" in port for port in ports)


def test_nobody_has_a_secret_of_somebody_else(services):
    holders = {}
    for name, service in services.items():
        for secret in service.get("secrets", ()):
            holders.setdefault(secret["source"], set()).add(name)
    workers = {f"worker-{service}" for service in SERVICES}

    assert holders["identity-private.jwk"] == {"api-auth", "worker-auth", "admin"}
    assert holders["receipt-private.jwk"] == {"api-compliance", "worker-compliance"}
    assert holders["audit-private.jwk"] == workers
    assert holders["portal-keys.txt"] == {"portal"}
    assert holders["postgres-password"] == {"postgres"}
    for service in SERVICES:
        variable = f"OTSP_{service.upper()}_MIGRATION_DATABASE_URL"
        told = {name for name, each in services.items() if variable in each.get("environment", {})}
        assert told == {f"migrate-{service}"}


def test_services_have_no_way_out(composition, services):
    assert composition["networks"]["inside"]["internal"] is True
    for name in ("postgres", "rabbitmq", *(f"api-{service}" for service in SERVICES)):
        assert list(services[name]["networks"]) == ["inside"]


def test_prometheus_asks_every_process():
    file = ROOT / "deploy" / "compose" / "prometheus.yml"
    jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["scrape_configs"]
    asked = {target for job in jobs for each in job["static_configs"] for target in each["targets"]}

    assert asked == {
        "portal:9090",
        *(f"{role}-{service}:9090" for role in ("api", "worker") for service in SERVICES),
    }
