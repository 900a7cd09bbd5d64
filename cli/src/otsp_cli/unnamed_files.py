"""`otsp erase-unnamed-files`: attachments that nothing names any more; docs/attachments.md."""

import argparse

from otsp_chassis.context import activate, operation_by
from otsp_chassis.unnamed_files import Unnamed, erase_unnamed, find_unnamed
from otsp_cli.messages.desk import NOTHING, SOME, Desk, answering, note, operator, put
from otsp_cli.serving import chosen_services


def erase_unnamed_files(options: argparse.Namespace) -> int:
    """Exit code 1 when a dry run found any."""
    options.all = not options.services
    found = list[Unnamed]()
    with answering("erase-unnamed-files"):
        desk = Desk()
        for name in chosen_services(options):
            named = desk.service(name).files
            if named is None:
                continue
            look = find_unnamed if options.dry_run else erase_unnamed
            with activate(desk.runtime(name), operation_by(operator(), "erase-unnamed-files")):
                for each in look(named):
                    _tell(name, each, options)
                    found.append(each)
    files, size = sum(each.files for each in found), sum(each.bytes for each in found)
    note(f"{files} files, {size} bytes{' would go' if options.dry_run else ' erased'}")
    return SOME if found and options.dry_run else NOTHING


def _tell(service: str, unnamed: Unnamed, options: argparse.Namespace) -> None:
    row = {
        "service": service,
        "institution_id": unnamed.institution_id,
        "files": unnamed.files,
        "bytes": unnamed.bytes,
        "oldest": unnamed.oldest,
    }
    line = (
        f"{service}: institution {unnamed.institution_id}: {unnamed.files} files,"
        f" {unnamed.bytes} bytes, the oldest of {unnamed.oldest:%Y-%m-%d}"
    )
    put(row, is_json=options.json, line=line)
