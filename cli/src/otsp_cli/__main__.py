"""`otsp COMMAND`: one parser, one function a command; see docs/operations.md."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from otsp_cli import running

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
    api = _add(commands, "api", "serve one service's API (OTSP_BIND, OTSP_METRICS_PORT)")
    api.add_argument("service", choices=running.SERVICES)
    api.set_defaults(command=lambda options: running.run_api(options.service))

    worker = _add(commands, "worker", "relay, consume and run jobs until SIGTERM")
    worker.add_argument("services", nargs="*", choices=[*running.SERVICES, []])
    worker.set_defaults(
        command=lambda options: running.run_worker(options.services or running.SERVICES)
    )

    migrate = _add(commands, "migrate", "bring database schemas up to date, as their owner")
    migrate.add_argument("services", nargs="*", choices=[*running.SERVICES, []])
    migrate.set_defaults(
        command=lambda options: running.migrate(options.services or running.SERVICES)
    )

    letters = _add(commands, "dead-letters", "events that one service gave up; exit 1 if any")
    letters.add_argument("service", choices=running.SERVICES)
    letters.set_defaults(command=lambda options: running.list_dead_letters(options.service))

    again = _add(commands, "redrive", "give dead events their attempts anew")
    again.add_argument("service", choices=running.SERVICES)
    again.add_argument("event_id", nargs="?", type=UUID, help="one event; all when left out")
    again.set_defaults(
        command=lambda options: running.redrive_dead_letters(options.service, options.event_id)
    )

    schemas = _add(commands, "export-schemas", "write the events' JSON Schemas and their table")
    schemas.add_argument("directory", nargs="?", type=Path, default=Path("docs"))
    schemas.set_defaults(command=lambda options: running.export_schemas(options.directory))


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=text, description=text)


if __name__ == "__main__":
    sys.exit(main())
