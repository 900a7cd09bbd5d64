"""How persons are shown to those who may not see them in clear (domain specification §5.3)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from otsp_chassis import pii
from otsp_chassis.sight import Sight
from otsp_courses.queries.hosts import SiteTold, SystemTold

Host = TypeVar("Host", SiteTold, SystemTold)
_MOBILE = re.compile(r"1\d{10}")


def mask_tel(tel: str) -> str:
    """A mobile is somebody's own; a line of the institution is everybody's business (class 0)."""
    return pii.mask_mobile(tel) if _MOBILE.fullmatch(tel) else tel


PERSONAL: Mapping[str, Callable[[str], str]] = {
    "contact_name": pii.mask_name,
    "contact_tel": mask_tel,
    "security_officer": pii.mask_name,
}
"""Fields of privacy class 2 (§2.11), and their masks."""


def as_seen(host: Host, sight: Sight) -> Host:
    """Persons masked for an authority without a case."""
    if not sight.is_masked:
        return host
    masks: dict[str, Any] = {
        name: mask(value) for name, mask in PERSONAL.items() if (value := getattr(host, name, None))
    }
    return replace(host, **masks)
