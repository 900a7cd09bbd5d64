"""`OTSP_AMQP_URL=… ./dev demo`: a broker that cannot serve is refused at once, in words."""

import socket

import pytest

from otsp_local import commands
from otsp_local.console import StepFailed
from otsp_local.named_broker import ensure_reachable
from otsp_local.platform import LocalPlatform
from otsp_local.settings import LocalSettings

PASSWORD = "not-to-be-told"


def refused(url, **options):
    with pytest.raises(StepFailed) as failure:
        ensure_reachable(url, **options)
    assert PASSWORD not in str(failure.value)
    return str(failure.value)


@pytest.mark.parametrize(
    "url", ["", "localhost:5672", "http://localhost/otsp", "amqp://localhost:port/", "amqp:///otsp"]
)
def test_what_is_no_address_is_refused_with_the_form_of_one(url):
    assert "amqp://USER:PASSWORD@HOST:PORT/VHOST" in refused(url)


def test_port_where_nobody_listens():
    told = refused(f"amqp://otsp:{PASSWORD}@127.0.0.1:1/otsp")

    assert "127.0.0.1:1/otsp as otsp: nobody listens there" in told
    assert "Start the broker or mend the address" in told


def test_unknown_host():
    assert "the name of its host is unknown" in refused(f"amqp://otsp:{PASSWORD}@rabbit.invalid/")


def test_somebody_who_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"amqp://otsp:{PASSWORD}@127.0.0.1:{port}/otsp?stack_timeout=1"

        assert "it does not answer" in refused(url)


def test_wrong_password_and_wrong_vhost(broker):
    scheme, _, rest = broker.url.partition("://")
    user, place = rest.partition(":")[0], rest.rpartition("@")[2]

    assert "refuses the user or the password" in refused(f"{scheme}://{user}:{PASSWORD}@{place}")
    assert "no such vhost" in refused(f"{broker.url.rpartition('/')[0]}/elsewhere")


def test_broker_that_wants_no_tls_is_not_spoken_to_with_it(broker):
    assert "the TLS handshake fails" in refused(broker.url.replace("amqp://", "amqps://"))


def test_broker_that_lets_in_is_no_obstacle(broker, capsys):
    ensure_reachable(broker.url)

    assert "RabbitMQ at" in capsys.readouterr().err


def test_a_named_broker_and_one_of_its_own_are_too_many(broker):
    assert "leave --broker away" in refused(broker.url, is_own_asked_for=True)


def test_nothing_is_started_when_the_broker_cannot_be_reached(tmp_path, capsys):
    run_dir = tmp_path / "run"
    settings = LocalSettings(run_dir=run_dir, amqp_url=f"amqp://otsp:{PASSWORD}@127.0.0.1:1/otsp")

    assert commands.main(["demo"], LocalPlatform(settings)) == 1

    told = capsys.readouterr().err
    assert "./dev demo: OTSP_AMQP_URL: 127.0.0.1:1/otsp as otsp: nobody listens there." in told
    assert not run_dir.exists()
