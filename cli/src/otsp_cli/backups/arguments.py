"""The arguments of the commands on backups."""

import argparse

from otsp_cli.serving import SERVICES

_PLACE = "a folder, or s3://BUCKET/PREFIX with OTSP_BACKUP_S3_… set"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _add_backup(commands)
    _add_restore(commands)
    text = "see that a backup is whole; exit 1 if it is not"
    verify = commands.add_parser("verify-backup", help=text, description=text)
    _add_source(verify)
    verify.add_argument("--deep", action="store_true", help="read every file of the store too")
    _add_json(verify)
    verify.set_defaults(command="otsp_cli.backups.commands:verify_backup")


def _add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "back up the databases and the store at one point"
    backup = commands.add_parser("backup", help=text, description=text)
    backup.add_argument("--to", required=True, metavar="PLACE", help=_PLACE)
    _add_services(backup)
    backup.add_argument("--jobs", type=int, default=2, help="databases dumped at a time")
    backup.add_argument("--keep", type=_at_least_one, metavar="N", help="remove older ones then")
    backup.add_argument(
        "--without-store", action="store_true", help="databases only; the store is kept otherwise"
    )
    _add_json(backup)
    backup.set_defaults(command="otsp_cli.backups.commands:back_up")


def _add_restore(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "restore a backup, as the owners of the databases"
    restore = commands.add_parser("restore", help=text, description=text)
    _add_source(restore)
    _add_services(restore)
    restore.add_argument(
        "--replace", action="store_true", help="drop what the databases hold; else they are empty"
    )
    what = restore.add_mutually_exclusive_group()
    what.add_argument("--only-store", action="store_true", help="the files, no database")
    what.add_argument("--without-store", action="store_true", help="the databases, no files")
    restore.add_argument(
        "--republish", action="store_true", help="let all owners tell again, once it is done"
    )
    _add_json(restore)
    restore.set_defaults(command="otsp_cli.backups.commands:restore")


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="place", required=True, metavar="PLACE", help=_PLACE)
    parser.add_argument("--set", metavar="NAME", help="default: the newest")


def _add_services(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--services", nargs="+", choices=SERVICES, default=list(SERVICES), help="default: all six"
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = f"{text!r} is not how many to keep: write 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)
