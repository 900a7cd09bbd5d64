"""Accounts that nobody creates who has logged in: the very first, and those that are migrated."""

from collections.abc import Iterable, Iterator, Sequence

from otsp_auth.app import service
from otsp_auth.commands import accounts
from otsp_auth.commands.legacy import LegacyImport, Line, Reported
from otsp_auth.commands.seen_lines import seen_lines
from otsp_chassis.context import Call, Runtime, activate, operation_by
from otsp_chassis.ids import new_id


def ensure_national_admin(username: str, password: str, *, runtime: Runtime | None = None) -> bool:
    """True when it was created, False when it was there: then its password stays as it is.

    Reads the settings of an auth process. Raises Invalid with all faults of name and password,
    UsernameTaken when the name is somebody else's.
    """
    call = Call("bootstrap", request_id=str(new_id()), is_write=True)
    with activate(runtime or service.runtime, call):
        return accounts.ensure_national_admin(username, password)


def import_legacy(
    source: str,
    names: Sequence[str],
    batches: Iterable[Sequence[Line]],
    *,
    is_dry: bool,
    operator: str,
    runtime: Runtime | None = None,
) -> Iterator[list[Reported]]:
    """What became of each batch, as soon as it is committed; `names` are the file's columns.

    Raises Unavailable when the database goes away: the same command then goes on.
    """
    call = operation_by(operator, "import-legacy")
    with seen_lines() as seen:
        run = LegacyImport(source, names, seen, is_dry=is_dry)
        for lines in batches:
            with activate(runtime or service.runtime, call):
                reported = run.take(lines)
            yield reported
