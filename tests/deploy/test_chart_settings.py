"""What containers are told is what processes read: the real settings classes are made of it."""

import re
from pathlib import Path

import pytest

from otsp_chassis.settings import MigrationSettings, ProcessSettings, SharedSettings
from otsp_cli.__main__ import _parser
from otsp_cli.backups.settings import BackupSettings
from otsp_cli.running import load_service
from otsp_cli.serving import SERVICES
from otsp_cli.settings import AuditSettings, ClientSettings, DatabaseSettings
from otsp_gateway.settings import GatewaySettings
from otsp_portal.settings import PortalSettings
from otsp_testkit.chart import VARIANTS, render, rendered, values_of

TOLD = [each for each in VARIANTS if each != "default"]
"""All but the default, which says what is missing (NOTES) and does not start in production."""
SECRETS = {
    "url": "postgresql://user:word@db.example:5432/otsp",
    "mq": "amqps://user:word@mq.example:5671/otsp",
}
NOT_SETTINGS = {"PYTHONUNBUFFERED"}


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Puts a container's environment in force; its mounted keys lie in a folder as empty files."""

    def tell(ours, pod, container):
        mounted = pod.mounted_files(container)
        for path in mounted:
            file = tmp_path / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        environment = ours.environment_of(container)
        values = {name: _true(name, value, tmp_path) for name, value in environment.items()}
        monkeypatch.setattr("os.environ", values)
        return mounted

    return tell


def _true(name, value, folder):
    if re.fullmatch(r"\{[a-z][\w.-]*\}", value):
        return SECRETS["mq" if name == "OTSP_AMQP_URL" else "url"]
    return f"{folder}{value}" if value.startswith("/etc/otsp/") else value


def containers(variant, *components):
    ours = rendered(variant)
    for pod in ours.pods():
        if pod.component in components:
            for container in pod.containers():
                if container["name"] in (pod.component, "migrate"):
                    yield ours, pod, container


def service_settings(name):
    return load_service(name).settings_class.load(name)


def names_of(kind, prefix):
    return {
        field.validation_alias or f"{prefix}{name.upper()}"
        for name, field in kind.model_fields.items()
    }


@pytest.mark.parametrize("variant", TOLD)
def test_apis_and_workers_start_with_what_they_are_told(variant, told):
    for ours, pod, container in containers(variant, "api", "worker"):
        mounted = told(ours, pod, container)
        name = pod.labels["otsp-service"]
        if container["name"] == "migrate":
            assert MigrationSettings.load(name).migration_database_url == SECRETS["url"]
            continue
        settings = service_settings(name)

        assert settings.database_url == SECRETS["url"]
        assert (settings.audit_signing_key is not None) == (pod.component == "worker")
        assert (settings.amqp_url is not None) == (pod.component == "worker")
        assert (settings.bucket() is None) == (variant == "demo")
        for path in ours.environment_of(container).values():
            assert not path.startswith("/etc/otsp/") or path in mounted, (pod.name, path)


@pytest.mark.parametrize("variant", TOLD)
def test_each_pod_mounts_the_keys_that_it_names_and_no_others(variant, told):
    for ours, pod, container in containers(variant, "api", "worker", "portal"):
        if container["name"] != "migrate":
            named = {
                value
                for value in ours.environment_of(container).values()
                if value.startswith("/etc/otsp/")
            }
            assert pod.mounted_files(container) == named, pod.name


@pytest.mark.parametrize("variant", TOLD)
def test_the_gateway_starts_with_what_it_is_told(variant, told):
    for ours, pod, container in containers(variant, "gateway"):
        told(ours, pod, container)
        settings = GatewaySettings()

        assert set(settings.upstreams) == set(SERVICES)
        assert settings.portal == ("otsp-portal:8080",)
        assert settings.status_listen == "0.0.0.0:8081"
        assert "otsp-gateway" in settings.public_hosts
        folders = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        volume = folders[str(settings.session_cache_dir)]
        memory = next(each for each in pod.spec["volumes"] if each["name"] == volume)
        assert memory["emptyDir"]["medium"] == "Memory"
        known = {each["metadata"]["name"] for each in ours.of_kind("Service")}
        addresses = [*settings.upstreams.values(), settings.portal]
        assert {each[0].partition(":")[0] for each in addresses} <= known


@pytest.mark.parametrize("variant", TOLD)
def test_the_portal_starts_with_what_it_is_told(variant, told):
    for ours, pod, container in containers(variant, "portal"):
        mounted = told(ours, pod, container)
        settings = PortalSettings()

        assert settings.gateway_url == "http://otsp-gateway:8080"
        assert ours.environment_of(container)["OTSP_PORTAL_SECRET_KEYS"] in mounted


@pytest.mark.parametrize("variant", TOLD)
def test_migrations_are_told_the_owner_and_nothing_else(variant, told):
    for ours, pod, container in containers(variant, "migrate"):
        told(ours, pod, container)
        name = pod.labels["otsp-service"]

        assert MigrationSettings.load(name).migration_database_url == SECRETS["url"]
        assert not [each for each in ours.environment_of(container) if "_KEY" in each]


@pytest.mark.parametrize("variant", TOLD)
def test_jobs_find_what_they_reach(variant, told):
    found = list(containers_of_jobs(variant))

    assert found
    for ours, pod, container in found:
        told(ours, pod, container)
        access = pod.labels["otsp-access"]
        for name in SERVICES if access == "databases" else ():
            assert DatabaseSettings.load(name).database_url == SECRETS["url"]
        if access == "gateway":
            assert ClientSettings().gateway == "http://otsp-gateway:8080"


@pytest.mark.parametrize("name", ["verify-audit", "retention-report"])
def test_jobs_that_only_read_are_given_no_key_but_those_that_prove_the_trail(name, told):
    (pod,) = (each for each in rendered("ha").pods() if each.name == f"otsp-{name}")
    (container,) = pod.containers()
    mounted = told(rendered("ha"), pod, container)

    assert {Path(each).name for each in mounted} == {"audit-public.jwks"}
    assert AuditSettings().audit_public_keys.is_file()
    environment = rendered("ha").environment_of(container)
    assert [each for each in environment if "_KEY" in each] == ["OTSP_AUDIT_PUBLIC_KEYS"]


def test_a_job_that_opens_files_is_told_every_service_s_settings(told):
    """docs/deployment/helm.md shows it."""
    job = {
        "enabled": True,
        "access": "services",
        "schedule": "30 5 * * 0",
        "args": ["erase-unnamed-files", "--dry-run", "--json"],
    }
    ours = render({**values_of("ha"), "jobs": {"unnamed-files": job}})
    (pod,) = (each for each in ours.pods() if each.name == "otsp-unnamed-files")
    (container,) = pod.containers()

    assert told(ours, pod, container)
    assert all(service_settings(name).pii_keys.is_file() for name in SERVICES)


def test_a_backup_reaches_databases_broker_and_store_and_has_no_key(told):
    (pod,) = (each for each in rendered("ha").pods() if each.name == "otsp-backup")
    (container,) = pod.containers()
    names = set(rendered("ha").environment_of(container))

    assert {f"OTSP_{name.upper()}_DATABASE_URL" for name in SERVICES} <= names
    assert {"OTSP_AMQP_URL", "OTSP_S3_ENDPOINT", "OTSP_BACKUP_S3_SECRET_KEY"} <= names
    assert told(rendered("ha"), pod, container) == set()
    assert BackupSettings().backup_bucket("otsp-backup") is not None
    assert BackupSettings().bucket() is not None
    assert not {name for name in names if name.endswith(("_KEYS", "SIGNING_KEY", "PRIVATE_KEY"))}


def test_a_restore_is_told_the_owners_and_the_store_of_the_backups(told):
    """And is a pod of its own, which no release has."""
    assert not [each for each in rendered("ha").pods() if each.name == "otsp-restore"]
    ours = render({**values_of("ha"), "restore": {"enabled": True}})
    (pod,) = (each for each in ours.pods() if each.name == "otsp-restore")
    (container,) = pod.containers()

    assert told(ours, pod, container) == set()
    for name in SERVICES:
        settings = DatabaseSettings.load(name)
        assert settings.database_url == settings.migration_database_url == SECRETS["url"]
    assert BackupSettings().backup_bucket("otsp-backup") is not None
    assert BackupSettings().bucket() is not None
    assert _parser().parse_args(container["args"]).place == "s3://otsp-backup/nightly"
    (kept,) = (each for each in ours.pods() if each.name == "otsp-backup")
    shared = {"app.kubernetes.io/component", "app.kubernetes.io/instance", "otsp-access"}
    assert shared <= pod.labels.keys()
    assert all(pod.labels[each] == kept.labels[each] for each in shared)


def test_probes_of_both_kinds_find_the_account_of_the_test_institution():
    pods = [pod for pod in rendered("ha").pods() if pod.name == "otsp-probe"]

    assert {pod.kind for pod in pods} == {"CronJob", "Pod"}
    for pod in pods:
        (container,) = pod.containers()
        arguments = container["args"]
        assert arguments[0] == "probe"
        assert arguments[arguments.index("--account") + 1] in pod.mounted_files(container)
        assert float(arguments[arguments.index("--seconds") + 1]) == 90


def containers_of_jobs(variant):
    ours = rendered(variant)
    for pod in ours.pods():
        if pod.component == "job":
            yield ours, pod, pod.containers()[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_container_is_told_what_nobody_reads(variant):
    known = set(NOT_SETTINGS)
    known |= names_of(ProcessSettings, "OTSP_") | names_of(ClientSettings, "OTSP_")
    known |= names_of(SharedSettings, "") | names_of(GatewaySettings, "OTSP_GATEWAY_")
    known |= names_of(PortalSettings, "OTSP_PORTAL_") | names_of(BackupSettings, "")
    known |= names_of(AuditSettings, "OTSP_")
    for name in SERVICES:
        prefix = f"OTSP_{name.upper()}_"
        known |= names_of(load_service(name).settings_class, prefix)
        known |= names_of(MigrationSettings, prefix)

    for pod in rendered(variant).pods():
        if pod.component not in ("postgres", "rabbitmq"):
            for container in pod.containers():
                assert set(rendered(variant).environment_of(container)) <= known, pod.name


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_container_runs_a_command_that_there_is(variant):
    others = {"postgres", "rabbitmq", "exporter"}
    for pod in rendered(variant).pods():
        for container in pod.containers():
            if container["name"] not in others:
                options = _parser().parse_args(container["args"])
                assert options.command, pod.name


def test_metrics_and_addresses_are_open_to_the_pod_s_neighbours(told):
    for ours, pod, container in containers("minimal", "api", "worker", "portal"):
        told(ours, pod, container)
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}

        assert ProcessSettings().metrics_host == "0.0.0.0"
        assert container["args"][-2:] == ["--metrics-port", str(ports["metrics"])]
        if pod.component != "worker":
            assert f"0.0.0.0:{ports['http']}" in container["args"]


def test_threads_and_pool_are_one_number(told):
    for ours, pod, container in containers("province-example", "api"):
        told(ours, pod, container)
        settings = service_settings(pod.labels["otsp-service"])

        assert settings.db_pool_size == ProcessSettings().threads


def test_files_and_tmp_are_the_only_places_that_can_be_written():
    for pod in rendered("default").pods():
        writable = {
            Path(mount["mountPath"])
            for container in pod.containers()
            for mount in container["volumeMounts"]
            if not mount.get("readOnly")
        }
        assert writable <= {Path("/tmp"), Path("/var/lib/otsp"), Path("/var/cache/otsp")}
