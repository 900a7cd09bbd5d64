"""Numbers of identity documents."""

from datetime import date

from otsp_contracts.values import CitizenId, InvalidValue


def id_type_of(id_type: str | None, nationality: str | None) -> str:
    """Without a type it is a citizen's card, unless the nationality says otherwise."""
    return id_type or ("cnid" if nationality in (None, "CN") else "passport")


def is_sound(id_no: str, today: date) -> bool:
    """Whether it is a citizen number that may exist; a number of another document is not."""
    try:
        CitizenId.parse(id_no, today)
    except InvalidValue:
        return False
    return True
