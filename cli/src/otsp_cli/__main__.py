"""`otsp COMMAND`: one parser, one function a command; see docs/operations.md."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from otsp_cli import documents, running

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    command: Command = options.command
    return command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="otsp", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_running(commands)
    return parser


def _add_running(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    api = _add(commands, "api", "serve one service's API")
    api.add_argument("service", choices=running.SERVICES)
    api.add_argument("--bind", default="127.0.0.1:8000", help="address to listen on")
    _add_metrics_port(api)
    api.set_defaults(command=_api)

    worker = _add(commands, "worker", "relay, consume and run jobs until SIGTERM")
    _add_services(worker)
    _add_metrics_port(worker)
    worker.set_defaults(command=_worker)

    migrate = _add(commands, "migrate", "bring database schemas up to date, as their owner")
    _add_services(migrate)
    migrate.set_defaults(command=_migrate)

    letters = _add(commands, "dead-letters", "events that one service gave up; exit 1 if any")
    letters.add_argument("service", choices=running.SERVICES)
    letters.set_defaults(command=_dead_letters)

    again = _add(commands, "redrive", "give dead events their attempts anew")
    again.add_argument("service", choices=running.SERVICES)
    again.add_argument("event_id", nargs="?", type=UUID, help="one event; all when left out")
    again.set_defaults(command=_redrive)

    docs = _add(commands, "export-docs", "write the generated documents: events, problems")
    docs.add_argument("directory", nargs="?", type=Path, default=Path("docs"))
    docs.set_defaults(command=_export_docs)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=text, description=text)


def _add_services(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("services", nargs="*", default=[], metavar="SERVICE")
    which.add_argument("--all", action="store_const", dest="services", const=list(running.SERVICES))


def _add_metrics_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metrics-port", type=int, default=0, help="0: no metrics listener")


def _api(options: argparse.Namespace) -> int:
    return running.run_api(options.service, options.bind, options.metrics_port)


def _worker(options: argparse.Namespace) -> int:
    return running.run_worker(_known(options.services), options.metrics_port)


def _migrate(options: argparse.Namespace) -> int:
    return running.migrate(_known(options.services))


def _dead_letters(options: argparse.Namespace) -> int:
    return running.list_dead_letters(options.service)


def _redrive(options: argparse.Namespace) -> int:
    return running.redrive_dead_letters(options.service, options.event_id)


def _export_docs(options: argparse.Namespace) -> int:
    return documents.export(options.directory)


def _known(services: Sequence[str]) -> Sequence[str]:
    unknown = set(services) - set(running.SERVICES)
    if unknown:
        message = f"otsp: no such service: {', '.join(sorted(unknown))}; known: {running.SERVICES}"
        raise SystemExit(message)
    return services


if __name__ == "__main__":
    sys.exit(main())
