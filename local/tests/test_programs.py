"""Each process is told its own secrets and nobody else's."""

import pytest

from otsp_local.keys import PlatformKeys
from otsp_local.ports import RememberedPorts
from otsp_local.postgres import ServiceDatabase
from otsp_local.programs import SERVICES, Programs


@pytest.fixture
def make_programs(tmp_path, processes):
    def make(**more):
        told = {
            "databases": {
                name: ServiceDatabase(f"otsp_{name}", f"owner of {name}", f"app of {name}")
                for name in SERVICES
            },
            "keys": PlatformKeys(tmp_path / "keys"),
            "files": tmp_path / "files",
            "ports": RememberedPorts(tmp_path / "ports.json"),
            "processes": processes,
            "inherited": {"PATH": "/bin", "OTSP_LOG_LEVEL": "DEBUG"},
            "clock_offset_days": -3,
            "amqp_url": None,
            "portal_url": "http://127.0.0.1:8080",
        }
        return Programs(**told | more)

    return make


def values_about_databases(program):
    return {v for k, v in program.environment.items() if k.endswith("DATABASE_URL")}


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_knows_only_its_own_database_and_only_as_the_app_role(make_programs, service):
    program = next(p for p in make_programs().apis() if p.name == f"api-{service}")

    assert values_about_databases(program) == {f"app of {service}"}
    assert ("OTSP_AUTH_IDENTITY_PRIVATE_KEY" in program.environment) == (service == "auth")


def test_workers_alone_can_sign_the_audit_trail(make_programs):
    programs = make_programs()
    signing, public = "OTSP_AUDIT_SIGNING_KEY", "OTSP_AUDIT_PUBLIC_KEYS"

    assert all(signing in worker.environment for worker in programs.workers())
    assert not any(signing in api.environment for api in programs.apis())
    assert public in programs.operating()
    assert signing not in programs.operating()


def test_compliance_alone_can_sign_receipts(make_programs):
    signing = "OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY"

    apis = [api.name for api in make_programs().apis() if signing in api.environment]

    assert apis == ["api-compliance"]


def test_a_migration_knows_only_the_owner(make_programs):
    assert values_about_databases(make_programs().migration("staff")) == {"owner of staff"}


def test_one_worker_serves_all_over_the_bus_in_the_process(make_programs):
    (worker,) = make_programs().workers()

    assert "--all" in worker.arguments
    assert values_about_databases(worker) == {f"app of {name}" for name in SERVICES}


def test_over_rabbitmq_each_service_has_its_worker(make_programs):
    workers = make_programs(amqp_url="amqp://127.0.0.1/").workers()

    assert [worker.name for worker in workers] == [f"worker-{name}" for name in SERVICES]
    assert values_about_databases(workers[2]) == {"app of staff"}
    assert workers[2].environment["OTSP_AMQP_URL"] == "amqp://127.0.0.1/"


def test_the_gateway_is_told_where_the_apis_listen(make_programs):
    programs = make_programs()
    api = next(p for p in programs.apis() if p.name == "api-courses")

    assert f"http://{programs.upstreams()['courses']}/readyz" == api.ready_url


def test_the_callers_own_settings_reach_the_processes_but_the_clock_is_the_platforms(make_programs):
    (worker,) = make_programs().workers()

    assert worker.environment["OTSP_LOG_LEVEL"] == "DEBUG"
    assert worker.environment["OTSP_ENV"] == "demo"
    assert worker.environment["OTSP_CLOCK_OFFSET_DAYS"] == "-3"


def test_who_tries_the_platform_out_needs_no_authenticator_unless_told_otherwise(make_programs):
    told = {"OTSP_AUTH_SECOND_FACTOR": "required"}

    offered, required = (
        next(each for each in programs.apis() if each.name == "api-auth")
        for programs in (make_programs(), make_programs(inherited=told))
    )

    assert offered.environment["OTSP_AUTH_SECOND_FACTOR"] == "offered"
    assert required.environment["OTSP_AUTH_SECOND_FACTOR"] == "required"


def test_no_two_programs_listen_on_one_port(make_programs, tmp_path):
    programs = make_programs()
    programs.apis()
    programs.workers()

    ports = list(RememberedPorts(tmp_path / "ports.json")._read().values())
    assert len(ports) == len(set(ports)) == 2 * len(SERVICES) + 1
