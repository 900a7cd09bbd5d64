"""The commands on messages, as they are called with their arguments."""

import argparse
from collections.abc import Sequence

from otsp_chassis.dead_letters import Selection
from otsp_cli.messages import dead_letters
from otsp_cli.messages.desk import answering
from otsp_cli.messages.republish import republish_service
from otsp_cli.messages.stuck import show_stuck
from otsp_cli.serving import SERVICES, chosen_services


def list_dead_letters(options: argparse.Namespace) -> int:
    with answering("dead-letters list"):
        if options.broker:
            names = options.services and chosen_services(options)
            return dead_letters.show_broker_list(names, is_json=options.json)
        window = dead_letters.Window(options.cursor, options.limit)
        return dead_letters.show_list(chosen_services(options), window, is_json=options.json)


def show_dead_letter(options: argparse.Namespace) -> int:
    names: Sequence[str] = [options.service] if options.service else SERVICES
    with answering("dead-letters show"):
        return dead_letters.show_one(
            options.event_id, names, is_json=options.json, with_broker=options.broker
        )


def redrive_dead_letters(options: argparse.Namespace) -> int:
    chosen = Selection(options.event_id, options.type)
    redrive = dead_letters.redrive_broker if options.broker else dead_letters.redrive_inbox
    with answering("dead-letters redrive"):
        return redrive(options.service, chosen, reason=options.reason)


def stuck(options: argparse.Namespace) -> int:
    options.all = not options.services
    with answering("stuck"):
        return show_stuck(chosen_services(options), older=options.older, is_json=options.json)


def republish(options: argparse.Namespace) -> int:
    with answering("republish"):
        return republish_service(
            options.service,
            since=options.since,
            after=options.after,
            is_dry=options.dry_run,
            is_json=options.json,
            reason=options.reason,
        )
