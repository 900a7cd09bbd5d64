"""What a host is, in whichever of the two lists it stands, and what a class may choose there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort

from otsp_portal.forms.fields import Options
from otsp_portal.gateway_client import Answer, Api, Refusal
from otsp_portal.identity import api
from otsp_portal.views.courses.kinds import HOSTS, LATEST_END, SITE, SYSTEM
from otsp_portal.views.records import Kind

Json = Any


@dataclass(frozen=True, slots=True)
class Host:
    """A site or a system, as the platform has it."""

    part: str
    stored: Mapping[str, Json]
    etag: str | None

    @property
    def kind(self) -> Kind:
        return HOSTS[self.part]

    @property
    def id(self) -> str:
        return str(self.stored[f"{self.part}_id"])

    @property
    def name(self) -> str:
        return self.stored["name"] or f"未命名的{self.kind.word}"

    @property
    def href(self) -> str:
        return f"/courses/{self.id}"

    @property
    def is_site(self) -> bool:
        return self.part == "site"

    @property
    def latest_end(self) -> str:
        return LATEST_END[self.part]

    def rooms(self) -> Options:
        rooms = self.stored.get("rooms") or ()
        return tuple((room["room_no"], _room(room)) for room in rooms)


def find_host(asked: Api, site_path: str, system_path: str) -> Host | None:
    """In both lists at once: an id does not say in which it stands."""
    site, system = asked.together(
        lambda: _find(asked, site_path), lambda: _find(asked, system_path)
    )
    if site is not None:
        return Host("site", site.body, site.etag)
    return Host("system", system.body, system.etag) if system is not None else None


def get_host(host_id: object) -> Host:
    """Aborts with 404 where the institution has no such host."""
    found = find_host(api(), SITE.place(str(host_id)), SYSTEM.place(str(host_id)))
    return found or abort(404)


def told_hosts(sites: list[Json], systems: list[Json]) -> list[Host]:
    return [*(Host("site", each, None) for each in sites),
            *(Host("system", each, None) for each in systems)]  # fmt: skip


def _find(asked: Api, path: str) -> Answer | None:
    try:
        return asked.read(path)
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


def _room(room: Mapping[str, Json]) -> str:
    seats = room.get("seats")
    return f"{room['room_no']}（{seats}座）" if seats else str(room["room_no"])
