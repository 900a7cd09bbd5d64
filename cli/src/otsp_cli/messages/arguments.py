"""The arguments of the commands on messages."""

import argparse
import re
from datetime import date, timedelta
from uuid import UUID

from otsp_cli.serving import SERVICES

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """30s, 10m, 2h or 1d."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text)
    if found is None:
        message = f"{text!r} is not a duration: write 30s, 10m, 2h or 1d"
        raise argparse.ArgumentTypeError(message)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is not a day: write 2024-10-15"
        raise argparse.ArgumentTypeError(message) from error


def number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        message = f"{text!r} is not a number of lines: write 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def words(text: str) -> str:
    """A reason that says something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("say why; it goes into the audit trail")
    return text.strip()


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _add_dead_letters(commands)
    text = "what should have moved and has not; exit 1 if any"
    stuck = commands.add_parser("stuck", help=text, description=text)
    _add_services(stuck, "those named; all six when none is")
    stuck.add_argument("--older", type=duration, default=duration("10m"), metavar="DURATION")
    _add_json(stuck)
    stuck.set_defaults(command="otsp_cli.messages.commands:stuck")

    text = "tell others again what they keep of one service"
    republish = commands.add_parser("republish", help=text, description=text)
    republish.add_argument("service", choices=SERVICES)
    republish.add_argument("--since", type=day, metavar="DATE", help="only what changed since")
    republish.add_argument("--after", metavar="CURSOR", help="go on where a run ended")
    republish.add_argument("--dry-run", action="store_true", help="count, and publish nothing")
    republish.add_argument("--reason", type=words, help="goes into the audit trail")
    _add_json(republish)
    republish.set_defaults(command="otsp_cli.messages.commands:republish")


def _add_dead_letters(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "events that were given up: list, show, redrive"
    letters = commands.add_parser("dead-letters", help=text, description=text)
    ways = letters.add_subparsers(required=True, metavar="list|show|redrive")

    listing = ways.add_parser("list", help="one line each, the oldest first; exit 1 if any")
    _add_services(listing, "whose dead letters")
    listing.add_argument("--all", action="store_true", help="all six")
    listing.add_argument("--broker", action="store_true", help="the broker's queue instead")
    listing.add_argument("--limit", type=number, metavar="N", help="of each service; default: all")
    listing.add_argument("--cursor", help="go on where a list ended")
    _add_json(listing)
    listing.set_defaults(command="otsp_cli.messages.commands:list_dead_letters")

    show = ways.add_parser("show", help="one event: headers, attempts, reasons, payload")
    show.add_argument("event_id", type=UUID)
    show.add_argument("--service", choices=SERVICES, help="default: wherever it is dead")
    show.add_argument("--broker", action="store_true", help="look into the broker's queue too")
    _add_json(show)
    show.set_defaults(command="otsp_cli.messages.commands:show_dead_letter")

    again = ways.add_parser("redrive", help="give dead letters their attempts anew")
    again.add_argument("service", choices=SERVICES)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("event_id", nargs="?", type=UUID)
    which.add_argument("--type", metavar="TYPE", help="all events of a type")
    which.add_argument("--all", action="store_true", help="all of the service's")
    again.add_argument("--reason", required=True, type=words, help="goes into the audit trail")
    again.add_argument("--broker", action="store_true", help="from the broker's queue instead")
    again.set_defaults(command="otsp_cli.messages.commands:redrive_dead_letters")


def _add_services(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=text)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON lines on standard output")
