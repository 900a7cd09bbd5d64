"""Which services there are, and how a process becomes the API of one.

It imports next to nothing: what the process would load here, gunicorn would load once more.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")


def chosen_services(options: argparse.Namespace) -> Sequence[str]:
    """Those that were named, or all of them; exits when neither was said."""
    if options.all:
        return SERVICES
    unknown = set(options.services) - set(SERVICES)
    if unknown or not options.services:
        print(f"otsp: name services out of {', '.join(SERVICES)}, or --all", file=sys.stderr)
        raise SystemExit(2)
    return list(options.services)


def run_api(options: argparse.Namespace) -> int:
    """Become gunicorn serving one service; does not return."""
    _become_gunicorn(options, f"otsp_chassis.service:application('otsp_{options.service}')")


def run_portal(options: argparse.Namespace) -> int:
    """Become gunicorn serving the portal; does not return."""
    _become_gunicorn(options, "otsp_portal.app:application()")


def run_gateway(options: argparse.Namespace) -> int:
    """Become the keeper of nginx, on a freshly rendered configuration; does not return."""
    from otsp_gateway.__main__ import main  # noqa: PLC0415 - only this command

    return main(["run", "--out", str(options.out)])


def _become_gunicorn(options: argparse.Namespace, application: str) -> NoReturn:
    listening = {"OTSP_BIND": options.bind, "OTSP_METRICS_PORT": str(options.metrics_port)}
    arguments = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "python:otsp_chassis.gunicorn_conf",
        application,
    ]
    environment = {**os.environ, **listening}  # noqa: TID251 - handed on, not read
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - no parent process stays
