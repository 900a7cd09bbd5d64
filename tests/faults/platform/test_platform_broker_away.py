"""Without its broker the platform takes every write, and tells afterwards what it could not."""

import yaml

from otsp_cli.dossier import institution
from otsp_cli.dossier.completion import Completion
from otsp_cli.dossier.desk import Desk
from otsp_cli.dossier.registration import Registrar
from otsp_contracts.snapshots.dossier import parse_dossiers
from otsp_contracts.values import uscc_check_digit
from otsp_local.environment import ROOT

SAMPLES = ROOT / "docs" / "samples.yaml"
WRITES = {
    "institution": ("other-docs", {"doc_type": "other"}),
    "staff": ("staff", {"name": "示例新人"}),
    "materials": ("materials", {"title": "示例", "existing": True, "status": "archived"}),
    "courses": ("sites", {"name": "示例"}),
}


class Writing:
    """One write of every kind that matters, in six services; what each must have led to at last."""

    def __init__(self, estate, *, serial, region_code):
        self.estate = estate
        self.clerk = estate.login("institution-B")
        self.application_id = estate.file(self.clerk)
        self.newcomer = self._register(serial)
        self.authority_id = self._authority(region_code)

    def _register(self, serial):
        first_17 = f"52330106MJFAKE2{serial}0"
        [dossier] = parse_dossiers(yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))[:1])
        completion = Completion(dossier, dossier.as_of, is_on=True)
        opened = Registrar(self.estate.gateway).register()
        desk = Desk(opened.session, opened.institution_id, dossier, completion)
        registration = institution.registration_of(dossier, completion)
        registration["uscc"] = first_17 + uscc_check_digit(first_17)
        desk.session.put(
            desk.path("institution", "registration"), registration, of=desk.path("institution")
        )
        for service, (place, body) in WRITES.items():
            desk.create(service, place, body)
        desk.session.post(desk.path("institution", "registration", "submission"), None)
        return desk

    def _authority(self, region_code):
        body = {
            "name": f"示例教育局{region_code}",
            "level": "county",
            "department": "education",
            "region_code": region_code,
        }
        national = self.estate.login("national_admin")
        return national.post("/api/auth/v1/authorities", body)["authority_id"]

    @property
    def is_told(self):
        """Whether each event of these writes has had its effect."""
        rows = self.estate.rows
        institution_id = self.newcomer.institution_id
        activated = rows(
            "institution", "SELECT 1 FROM institution WHERE institution_id = %s", institution_id
        )
        case = rows("compliance", "SELECT 1 FROM review_case WHERE subject_id = %s", institution_id)
        authority = rows(
            "compliance", "SELECT 1 FROM authority_ref WHERE authority_id = %s", self.authority_id
        )
        return bool(activated and case and authority)


def oldest_age(estate, service):
    return estate.metric(f"worker-{service}", "otsp_outbox_oldest_age_seconds", service=service)


def is_connected(estate):
    return {
        name: estate.metric(f"worker-{name}", "otsp_bus_connected", queue=f"{name}.events.q1")
        for name in ("institution", "staff", "materials", "courses", "compliance")
    }


def test_broker_down_all_the_time_delays_no_write_and_the_backlog_drains_by_itself(estate):
    logged_before = len(estate.log("worker-compliance"))
    estate.kill_broker()

    writing = Writing(estate, serial=1, region_code="330102")

    estate.until(lambda: set(is_connected(estate).values()) == {0})
    estate.until(lambda: oldest_age(estate, "compliance") > 3)
    before = oldest_age(estate, "compliance")
    estate.until(lambda: oldest_age(estate, "compliance") > before + 2)
    estate.until(lambda: oldest_age(estate, "institution") > 3)
    assert estate.metric("worker-compliance", "otsp_outbox_unpublished", service="compliance") >= 1
    found = writing.clerk.get(f"/api/compliance/v1/applications/{writing.application_id}")
    assert found["state"] == "locking"
    assert not writing.is_told

    estate.broker.start()

    estate.await_outcome(writing.clerk, writing.application_id, "B")
    estate.until(lambda: writing.is_told)
    estate.settle()
    estate.until(lambda: set(is_connected(estate).values()) == {1})
    estate.until(lambda: oldest_age(estate, "compliance") == oldest_age(estate, "institution") == 0)
    logged = estate.log("worker-compliance")[logged_before:]
    assert 1 <= len([line for line in logged if line["event"] == "broker_unreachable"]) <= 4
    assert 1 <= len([line for line in logged if line["event"] == "consumer_lost_broker"]) <= 4
    assert {"broker_reached_again", "consumer_found_broker"} <= {line["event"] for line in logged}
    assert not [line for line in logged if "pika" in str(line) or line["level"] == "error"]


def test_broker_that_says_nothing_delays_no_write_either(estate):
    with estate.frozen_broker():
        writing = Writing(estate, serial=2, region_code="330105")

        assert not writing.is_told

    estate.await_outcome(writing.clerk, writing.application_id, "B")
    estate.until(lambda: writing.is_told)
    estate.settle()
