"""The words for the keys of a figure's lines."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_compliance.model import AuthorityRef
from otsp_compliance.rules.codes import CODES_ZH
from otsp_compliance.rules.statistics.figures import Dimension
from otsp_contracts.regions import find_region

_OWN = {"other": "其他", "culture_arts": "文化艺术类", "sports": "体育类", "science_tech": "科技类"}


def label_of(tx: Reader, by: Dimension | None, keys: Sequence[str]) -> Callable[[str], str]:
    """A code that has no words is its own."""
    if by is Dimension.REGION:
        return _region
    if by is Dimension.AUTHORITY:
        names = select(AuthorityRef.authority_id, AuthorityRef.name).where(
            AuthorityRef.authority_id.in_([UUID(key) for key in keys])
        )
        known = {str(row.authority_id): row.name for row in tx.execute(names)}
        return lambda key: known.get(key, key)
    if by is Dimension.NONSUBJECT_TYPE:
        return lambda key: _OWN.get(key, key)
    return lambda key: CODES_ZH.get(key, key)


def _region(code: str) -> str:
    region = find_region(code)
    return code if region is None else region.name
