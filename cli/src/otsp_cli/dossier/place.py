"""Where in the dossier a refusal belongs: its author knows the dossier, not the APIs."""

from collections.abc import Iterator
from contextlib import contextmanager

from otsp_cli.dossier.gateway import Refused


class Misplaced(Exception):
    """A refusal, with pointers into the dossier."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@contextmanager
def at(place: str) -> Iterator[None]:
    """Refusals inside are faults at this place of the dossier, or below it."""
    try:
        yield
    except Refused as refused:
        raise Misplaced(_below(place, refused.errors)) from refused
    except Misplaced as fault:
        raise Misplaced(_below(place, fault.errors)) from fault


def _below(place: str, errors: list[dict[str, str]]) -> list[dict[str, str]]:
    return [each | {"pointer": place + each["pointer"]} for each in errors]
