"""Those behind an institution as they are kept: sponsors, and who actually controls it.

Each number is encrypted, with its blind index and its mask.
"""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from otsp_chassis import pii
from otsp_contracts.values import normalise_code
from otsp_institution.commands.entry import Fields
from otsp_institution.rules.identity import id_type_of

Held = Mapping[str, Any]
"""Somebody as stored: `name` and the members of `_NO_NUMBER`, perhaps others; `id_no` is the base64
text of the cipher, `id_hmac` the hex text of the blind index."""

_NO_NUMBER: Held = {"id_type": None, "id_no": None, "id_hmac": None, "id_masked": None}


def sealed_sponsors(given: Sequence[Fields], held: Sequence[Held]) -> list[dict[str, Any]]:
    """What takes the place of `held` when a body names these."""
    sealed = _all_sealed(given, held)
    return [kept | {"share_bp": each["share_bp"]} for kept, each in zip(sealed, given, strict=True)]


def sealed_controller(given: Fields | None, held: Held | None) -> dict[str, Any] | None:
    """What takes the place of `held` when a body names this one, or nobody."""
    if given is None:
        return None
    [sealed] = _all_sealed([given], [] if held is None else [held])
    return sealed


def _all_sealed(given: Sequence[Fields], held: Sequence[Held]) -> list[dict[str, Any]]:
    """Clients only ever see masks, so a number that the body does not name is kept, with its type:
    its holder is known again by a name that only one has, before and after.
    """
    unique = _by_unique_name(given).keys()
    namesakes = {name: each for name, each in _by_unique_name(held).items() if name in unique}
    indexes = {each["id_hmac"]: each for each in held}
    return [_sealed(each, namesakes=namesakes, indexes=indexes) for each in given]


def _by_unique_name(persons: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    count = Counter(each["name"] for each in persons)
    return {each["name"]: each for each in persons if count[each["name"]] == 1}


def _sealed(
    given: Fields, *, namesakes: Mapping[str, Held], indexes: Mapping[str | None, Held]
) -> dict[str, Any]:
    id_type = given.get("id_type")
    if "id_no" not in given:
        number = namesakes.get(given["name"], _NO_NUMBER)
        id_type = id_type or number["id_type"]
    elif given["id_no"] is None:
        number = _NO_NUMBER
    else:
        number = _sealed_number(normalise_code(given["id_no"]), indexes)
        id_type = id_type_of(id_type, None)
    kept = {name: number[name] for name in _NO_NUMBER}
    return kept | {"name": given["name"], "id_type": id_type}


def _sealed_number(number: str, indexes: Mapping[str | None, Held]) -> Held:
    """One that is held stays as it was encrypted: to say it again changes nothing."""
    index = pii.blind_index(number).hex()
    if index in indexes:
        return indexes[index]
    sealed = base64.b64encode(pii.encrypt(number)).decode("ascii")
    return {**_NO_NUMBER, "id_no": sealed, "id_hmac": index, "id_masked": pii.mask_id(number)}
