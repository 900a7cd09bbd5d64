"""The routing table as checked values: what routes.yaml may say, and which entry nginx tries."""

import re
from collections.abc import Iterable
from importlib import resources
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PATH = re.compile(r"(/([a-z0-9._-]+|\{[a-z_]+\}))+(/\*\*)?")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or ("{" in text and text.endswith("/**")):
        raise ValueError(f"not a path of the routing table: {text!r}")
    return text


def _header(text: str) -> str:
    """Identity and forwarding headers are the edge's own; no list may let one through."""
    lower = text.lower()
    if not _HEADER.fullmatch(text) or lower.startswith(("otsp-", "x-", "forwarded")):
        raise ValueError(f"not a header to forward: {text!r}")
    if lower in {"authorization", "host", "connection", "content-length", "transfer-encoding"}:
        raise ValueError(f"the edge decides on {text} itself")
    return text


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rate(_Entry):
    """Requests of one client address or one token; `burst` of them may come at once."""

    rate: str = Field(pattern=r"^[1-9]\d*r/[sm]$")
    burst: int = Field(ge=1, le=10_000)


class ServiceEntry(_Entry):
    title: str
    receives_authorization: bool = False


class Bearers(_Entry):
    """How often one token may be used, by its kind."""

    session: Rate
    api_key: Rate


class Defaults(_Entry):
    rate: str
    body: str = Field(pattern=r"^\d+[km]$")


class PortalEntry(Defaults):
    upload_body: str = Field(pattern=r"^\d+[km]$")


class Route(_Entry):
    path: Annotated[str, AfterValidator(_path)]
    service: str
    public: Literal["any"] | tuple[Method, ...] = ()
    rate: str | None = None
    body: str | None = Field(None, pattern=r"^\d+[km]$")
    stream: bool = False
    read_seconds: int | None = Field(None, ge=1, le=3600)
    only_in: tuple[str, ...] = ()

    @property
    def matchers(self) -> tuple[str, ...]:
        """The nginx locations of this entry. nginx's own order (exact, pattern, longest prefix)
        is the order that routes.yaml promises.
        """
        if self.path.endswith("/**"):
            root = self.path.removesuffix("/**")
            return (f"= {root}", f"{root}/")
        if "{" in self.path:
            pattern = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(self.path))
            return (f'~ "^{pattern}$"',)
        return (f"= {self.path}",)

    def covers(self, path: str) -> bool:
        if self.path.endswith("/**"):
            root = self.path.removesuffix("/**")
            return path == root or path.startswith(f"{root}/")
        pattern = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(self.path))
        return re.fullmatch(pattern, path) is not None

    def is_public(self, method: str) -> bool:
        return self.public == "any" or method in self.public

    @property
    def precedence(self) -> tuple[bool, bool, int]:
        return (not self.path.endswith("/**"), "{" not in self.path, len(self.path))


class ForwardedHeaders(_Entry):
    api: tuple[Annotated[str, AfterValidator(_header)], ...]
    portal: tuple[Annotated[str, AfterValidator(_header)], ...]


class RoutingTable(_Entry):
    services: dict[str, ServiceEntry]
    rates: dict[str, Rate]
    bearers: Bearers
    retry_after_seconds: int = Field(ge=1, le=3600)
    defaults: Defaults
    portal: PortalEntry
    routes: tuple[Route, ...]
    forwarded_headers: ForwardedHeaders

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        _refuse_unknown("service", (route.service for route in self.routes), self.services)
        rates = [self.defaults.rate, self.portal.rate, *(r.rate for r in self.routes if r.rate)]
        _refuse_unknown("rate", rates, self.rates)
        for route in self.routes:
            if not route.path.startswith(f"/api/{route.service}/v1/"):
                raise ValueError(f"{route.path} does not begin with /api/{route.service}/v1/")
        paths = [route.path for route in self.routes]
        if len(set(paths)) != len(paths):
            raise ValueError("a path stands twice in the routing table")
        return self

    def find_route(self, path: str) -> Route | None:
        """The entry that decides on a path, as nginx decides."""
        fitting = [route for route in self.routes if route.covers(path)]
        return max(fitting, key=lambda route: route.precedence, default=None)


def _refuse_unknown(kind: str, used: Iterable[str], known: Iterable[str]) -> None:
    unknown = set(used) - set(known)
    if unknown:
        raise ValueError(f"unknown {kind}: {', '.join(sorted(unknown))}")


def load_routes() -> RoutingTable:
    text = resources.files("otsp_gateway").joinpath("routes.yaml").read_text(encoding="utf-8")
    return RoutingTable.model_validate(yaml.safe_load(text))
