"""`otsp doctor` beside a real RabbitMQ: seen as the workers' user sees it, and by its API."""

import json
from urllib.parse import urlsplit

import pika
import pytest

from otsp_cli.__main__ import main
from otsp_cli.doctor import command
from otsp_cli.documents import broker_definitions
from otsp_local.ports import free_port

QUEUE = "staff.events.q1"
VHOST = "doctor"
ENABLE = (
    "{{ok, File}} = application:get_env(rabbit, enabled_plugins_file),"
    ' ok = file:write_file(File, "{}"), rabbit_plugins:ensure(File).'
)
MEMORY = "{{resource_limit, memory, node()}, []}"


@pytest.fixture(scope="module")
def vhost(broker):
    """A vhost of its own with the whole topology, and two users: one may write, one only look."""
    server = broker.controlled()
    server.ctl("add_vhost", VHOST)
    server.ctl("set_permissions", "-p", VHOST, urlsplit(broker.url).username, ".*", ".*", ".*")
    for user in ("doctor-worker", "doctor-guest"):
        server.ctl("add_user", user, "s3cret-of-doctor")
    server.ctl("set_permissions", "-p", VHOST, "doctor-worker", "^$", ".*", ".*")
    server.ctl("set_permissions", "-p", VHOST, "doctor-guest", "^$", "^$", "^$")
    server.import_definitions(broker_definitions().replace('"otsp"', f'"{VHOST}"'))
    yield f"{broker.url.rpartition('/')[0]}/{VHOST}"
    server.ctl("delete_vhost", VHOST)
    for user in ("doctor-worker", "doctor-guest"):
        server.ctl("delete_user", user)


@pytest.fixture(scope="module")
def api(broker):
    """Its management API, on loopback for as long as these tests last."""
    server, port = broker.controlled(), free_port()
    listener = f'[{{port, {port}}}, {{ip, "127.0.0.1"}}]'
    server.ctl("eval", f"application:set_env(rabbitmq_management, tcp_config, {listener}).")
    server.ctl("eval", ENABLE.format("[rabbitmq_management]."))
    parts = urlsplit(broker.url)
    server.ctl("set_user_tags", parts.username, "administrator")
    yield f"http://{parts.username}:{parts.password}@127.0.0.1:{port}"
    server.ctl("eval", ENABLE.format("[]."))


@pytest.fixture
def doctor(capsys, monkeypatch, vhost):
    monkeypatch.setattr(command, "CHECK_SECONDS", 60)

    def ask(url=vhost, api=None):
        monkeypatch.setenv("OTSP_AMQP_URL", url)
        monkeypatch.setenv("OTSP_RABBITMQ_API_URL", api or "")
        capsys.readouterr()
        main(["doctor", "--json", "--only", "broker", "queues", "permissions", "clock"])
        told = capsys.readouterr().out
        assert "s3cret" not in told
        return {row["check"]: row for row in map(json.loads, told.splitlines())}

    return ask


def as_user(url, user):
    parts = urlsplit(url)
    return f"amqp://{user}:s3cret-of-doctor@{parts.hostname}:{parts.port}{parts.path}"


def channel(url):
    return pika.BlockingConnection(pika.URLParameters(url)).channel()


def test_a_broker_with_all_that_is_needed_is_well(doctor, vhost):
    lines = doctor()

    assert [lines[name]["state"] for name in ("broker", "queues", "permissions")] == ["ok"] * 3
    assert lines["broker"]["found"].startswith("RabbitMQ ")


def test_looking_changes_nothing(doctor, broker, vhost):
    before = broker.controlled().ctl("list_queues", "-p", VHOST, "name", "messages", "arguments")

    doctor()

    after = broker.controlled().ctl("list_queues", "-p", VHOST, "name", "messages", "arguments")
    assert after == before
    assert QUEUE in after


def test_a_user_that_may_not_configure_is_well_and_told_what_is_not_seen(doctor, vhost):
    lines = doctor(as_user(vhost, "doctor-worker"))

    assert lines["permissions"]["state"] == "ok"
    assert lines["queues"]["state"] == "warn"
    assert "OTSP_RABBITMQ_API_URL" in lines["queues"]["advice"]


def test_a_user_that_may_not_write_is_told_with_the_command(doctor, vhost):
    line = doctor(as_user(vhost, "doctor-guest"))["permissions"]

    assert line["state"] == "failed"
    assert line["advice"].startswith("rabbitmqctl set_permissions -p doctor doctor-guest")


def test_a_wrong_password_a_missing_vhost_and_no_broker_are_told(doctor, vhost):
    assert "user or the password" in doctor(as_user(vhost, "nobody"))["broker"]["found"]
    assert "no such vhost" in doctor(vhost + "-other")["broker"]["found"]
    away = doctor("amqp://x:x@127.0.0.1:1/otsp")
    assert "nobody listens" in away["broker"]["found"]
    assert away["queues"]["state"] == "skipped"


def test_a_queue_that_is_missing_or_made_otherwise_is_told(doctor, broker, vhost):
    open_channel = channel(vhost)
    open_channel.queue_delete(QUEUE)
    missing = doctor()["queues"]
    open_channel.queue_declare(QUEUE, durable=True)
    otherwise = doctor()["queues"]
    open_channel.queue_delete(QUEUE)
    open_channel.connection.close()
    broker.controlled().import_definitions(broker_definitions().replace('"otsp"', f'"{VHOST}"'))

    assert missing["found"] == f"not there: {QUEUE}"
    assert "import_definitions" in missing["advice"]
    assert otherwise["found"] == f"made with other arguments: {QUEUE}"
    assert doctor()["queues"]["state"] == "ok"


def test_an_alarm_is_told_even_over_amqp(doctor, broker, vhost):
    server = broker.controlled()
    server.ctl("eval", f"rabbit_alarm:set_alarm({MEMORY}).")
    try:
        line = doctor()["broker"]
    finally:
        server.ctl("eval", f"rabbit_alarm:clear_alarm({MEMORY[1:-5]}).")

    assert line["state"] == "failed"
    assert "alarm" in line["found"]


def test_the_management_api_shows_permissions_bindings_and_policies(doctor, broker, vhost, api):
    whole = doctor(api=api)
    guest = doctor(as_user(vhost, "doctor-guest"), api)["permissions"]
    open_channel = channel(vhost)
    open_channel.queue_unbind(QUEUE, "otsp.events", "courses.class_changed.v1")
    unbound = doctor(api=api)["queues"]
    open_channel.queue_bind(QUEUE, "otsp.events", "courses.class_changed.v1")
    open_channel.connection.close()

    broker.controlled().ctl("set_policy", "-p", VHOST, "short", "^staff", '{"message-ttl": 60000}')
    losing = doctor(api=api)["queues"]
    broker.controlled().ctl("clear_policy", "-p", VHOST, "short")

    assert losing["found"] == "policies let events go: short (message-ttl)"
    assert {row["state"] for row in whole.values()} == {"ok"}, whole
    assert "read staff.events.q1" in guest["found"]
    assert "staff.events.q1 ← courses.class_changed.v1" in unbound["found"]
