"""The arguments of the commands on messages."""

import argparse
import re
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from otsp_chassis.dead_letters import Selection
from otsp_cli.messages import dead_letters
from otsp_cli.messages.desk import answering
from otsp_cli.messages.republish import republish_service
from otsp_cli.messages.stuck import show_stuck
from otsp_cli.running import SERVICES, chosen_services

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
    stuck.set_defaults(command=_stuck)

    text = "tell others again what they keep of one service"
    republish = commands.add_parser("republish", help=text, description=text)
    republish.add_argument("service", choices=SERVICES)
    republish.add_argument("--since", type=day, metavar="DATE", help="only what changed since")
    republish.add_argument("--after", metavar="CURSOR", help="go on where a run ended")
    republish.add_argument("--dry-run", action="store_true", help="count, and publish nothing")
    republish.add_argument("--reason", type=words, help="goes into the audit trail")
    _add_json(republish)
    republish.set_defaults(command=_republish)


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
    listing.set_defaults(command=_list)

    show = ways.add_parser("show", help="one event: headers, attempts, reasons, payload")
    show.add_argument("event_id", type=UUID)
    show.add_argument("--service", choices=SERVICES, help="default: wherever it is dead")
    show.add_argument("--broker", action="store_true", help="look into the broker's queue too")
    _add_json(show)
    show.set_defaults(command=_show)

    again = ways.add_parser("redrive", help="give dead letters their attempts anew")
    again.add_argument("service", choices=SERVICES)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("event_id", nargs="?", type=UUID)
    which.add_argument("--type", metavar="TYPE", help="all events of a type")
    which.add_argument("--all", action="store_true", help="all of the service's")
    again.add_argument("--reason", required=True, type=words, help="goes into the audit trail")
    again.add_argument("--broker", action="store_true", help="from the broker's queue instead")
    again.set_defaults(command=_redrive)


def _add_services(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=text)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON lines on standard output")


def _list(options: argparse.Namespace) -> int:
    with answering("dead-letters list"):
        if options.broker:
            names = options.services and chosen_services(options)
            return dead_letters.show_broker_list(names, is_json=options.json)
        window = dead_letters.Window(options.cursor, options.limit)
        return dead_letters.show_list(chosen_services(options), window, is_json=options.json)


def _show(options: argparse.Namespace) -> int:
    names: Sequence[str] = [options.service] if options.service else SERVICES
    with answering("dead-letters show"):
        return dead_letters.show_one(
            options.event_id, names, is_json=options.json, with_broker=options.broker
        )


def _redrive(options: argparse.Namespace) -> int:
    chosen = Selection(options.event_id, options.type)
    redrive = dead_letters.redrive_broker if options.broker else dead_letters.redrive_inbox
    with answering("dead-letters redrive"):
        return redrive(options.service, chosen, reason=options.reason)


def _stuck(options: argparse.Namespace) -> int:
    options.all = not options.services
    with answering("stuck"):
        return show_stuck(chosen_services(options), older=options.older, is_json=options.json)


def _republish(options: argparse.Namespace) -> int:
    with answering("republish"):
        return republish_service(
            options.service,
            since=options.since,
            after=options.after,
            is_dry=options.dry_run,
            is_json=options.json,
            reason=options.reason,
        )
