"""Running the services: their APIs, their workers, their migrations.

Services are found by the naming convention `otsp_<name>.app:service`; nothing is registered.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from prometheus_client import start_http_server

from otsp_chassis import log
from otsp_chassis.bus import Bus, LocalBus
from otsp_chassis.service import Service
from otsp_chassis.settings import ProcessSettings
from otsp_chassis.worker import Worker

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")
UNHEARD = frozenset(
    {
        "compliance.case_routed.v1",
        "compliance.gathering_failed.v1",
        "compliance.precheck_failed.v1",
        "compliance.rectification_opened.v1",
        "compliance.rule_version_published.v1",
        "institution.registration_decided.v1",
        "materials.external_review_recorded.v1",
    }
)
"""Events for whoever asks later: no service of ours reads them, so no queue need take them."""


def load_service(name: str) -> Service:
    service: Service = importlib.import_module(f"otsp_{name}.app").service
    return service


def run_api(name: str, bind: str, metrics_port: int) -> int:
    """Become gunicorn serving one service; does not return."""
    listening = {"OTSP_BIND": bind, "OTSP_METRICS_PORT": str(metrics_port)}
    arguments = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "python:otsp_chassis.gunicorn_conf",
        f"otsp_chassis.service:application('otsp_{name}')",
    ]
    environment = {**os.environ, **listening}  # noqa: TID251 - handed on, not read
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - no parent process stays


def run_worker(names: Sequence[str], metrics_port: int) -> int:
    """Relay, consume and run jobs until SIGTERM; one service, or several in one process.

    The metrics listener opens once everything runs, so that its answer means ready.
    """
    services = [load_service(name) for name in names]
    runtimes = [service.runtime for service in services]
    settings = runtimes[0].settings
    log.configure(settings.log_level)
    if settings.amqp_url is None and len(names) < len(SERVICES):
        log.get_logger().warning("worker_is_alone", services=list(names))
    worker = Worker(_bus(settings.amqp_url), [service.work() for service in services])
    return worker.run_until_signalled(on_ready=lambda: _serve_metrics(metrics_port))


def migrate(names: Sequence[str]) -> int:
    for name in names:
        print(f"{name}: {load_service(name).migrate()}")
    return 0


def chosen_services(options: argparse.Namespace) -> Sequence[str]:
    """Those that were named, or all of them; exits when neither was said."""
    if options.all:
        return SERVICES
    unknown = set(options.services) - set(SERVICES)
    if unknown or not options.services:
        print(f"otsp: name services out of {', '.join(SERVICES)}, or --all", file=sys.stderr)
        raise SystemExit(2)
    return list(options.services)


def _bus(amqp_url: str | None) -> Bus:
    if amqp_url is None:
        return LocalBus(unheard=UNHEARD)
    from otsp_chassis.bus.rabbit import RabbitBus  # noqa: PLC0415 - the demo needs no pika

    return RabbitBus(amqp_url, unheard=UNHEARD)


def _serve_metrics(port: int) -> None:
    if port:
        start_http_server(port, addr=ProcessSettings().metrics_host)
