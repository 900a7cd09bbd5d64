"""What deploy/ tells the message engine is what the code expects of it."""

from otsp_cli.documents import broker_definitions
from otsp_cli.running import UNHEARD, load_service
from otsp_cli.serving import SERVICES
from otsp_contracts.envelope import PAYLOAD_CLASSES


def test_definitions_of_the_broker_are_those_of_the_consumers(root):
    committed = (root / "deploy/rabbitmq/definitions.json").read_text(encoding="utf-8")

    assert committed == broker_definitions(), "run ./dev export-docs"


def test_only_events_without_a_consumer_may_be_dropped():
    heard = {kind for name in SERVICES for kind in load_service(name).heard_types()}

    assert set(PAYLOAD_CLASSES) - heard == UNHEARD
