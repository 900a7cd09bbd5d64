"""Running the services: their workers, their migrations.

Services are found by the naming convention `otsp_<name>.app:service`; nothing is registered.
"""

import argparse
import importlib
import sys

from prometheus_client import start_http_server

from otsp_chassis import log
from otsp_chassis.bus import Bus, LocalBus
from otsp_chassis.collector import spare_what_stays
from otsp_chassis.service import Service
from otsp_chassis.settings import ProcessSettings
from otsp_chassis.worker import Worker
from otsp_cli.serving import SERVICES, chosen_services

UNHEARD = frozenset(
    {
        "auth.account_cancelled.v1",
        "compliance.rule_version_published.v1",
        "staff.correction_answered.v1",
    }
)
"""Events for whoever asks later: no service of ours reads them, so no queue need take them."""


def load_service(name: str) -> Service:
    service: Service = importlib.import_module(f"otsp_{name}.app").service
    return service


def run_worker(options: argparse.Namespace) -> int:
    """Relay, consume and run jobs until SIGTERM; one service, or several in one process.

    The metrics listener opens once everything runs, so that its answer means ready.
    """
    names = chosen_services(options)
    services = [load_service(name) for name in names]
    runtimes = [service.runtime for service in services]
    settings = runtimes[0].settings
    log.configure(settings.log_level)
    if settings.amqp_url is None and len(names) < len(SERVICES):
        log.get_logger().warning("worker_is_alone", services=list(names))
    worker = Worker(_bus(settings.amqp_url), [service.work() for service in services])
    return worker.run_until_signalled(on_ready=lambda: _be_ready(options.metrics_port))


def migrate(options: argparse.Namespace) -> int:
    """Exit code 1 when a database was too busy: the same command goes on where this one ended."""
    from otsp_chassis.migrate import GaveUp  # noqa: PLC0415 - only migrating loads Alembic

    for name in chosen_services(options):
        try:
            print(f"{name}: {load_service(name).migrate()}")
        except GaveUp as why:
            print(f"otsp migrate {name}: {why}", file=sys.stderr)
            return 1
    return 0


def _bus(amqp_url: str | None) -> Bus:
    if amqp_url is None:
        return LocalBus(unheard=UNHEARD)
    from otsp_chassis.bus.rabbit import RabbitBus  # noqa: PLC0415 - the demo needs no pika

    return RabbitBus(amqp_url, unheard=UNHEARD)


def _be_ready(port: int) -> None:
    spare_what_stays()
    if port:
        start_http_server(port, addr=ProcessSettings().metrics_host)
