"""Six services in one process: their kits, an edge in front, one bus between.

The edge here does what nginx does (gateway/routes.yaml): it swaps the session token for an
identity token at auth's /internal/session and drops identity headers from outside. Clients are
httpx clients, so that the `otsp dossier` client runs against it unchanged.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import flask
import httpx
from werkzeug.test import EnvironBuilder, run_wsgi_app

from otsp_chassis.bus import LocalBus
from otsp_chassis.identity import HEADER
from otsp_chassis.worker import Worker
from otsp_contracts.envelope import PAYLOAD_CLASSES
from otsp_testkit.service_kit import ServiceKit

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
_IDENTITY = "HTTP_" + HEADER.upper().replace("-", "_")


class InProcessEdge:
    """A WSGI application that routes by prefix and authenticates as the gateway does."""

    def __init__(self, applications: Mapping[str, flask.Flask]) -> None:
        self._applications = applications

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop(_IDENTITY, None)
        service = environ["PATH_INFO"].split("/")[2:3]
        application = self._applications.get(service[0] if service else "")
        if application is None:
            start_response("404 NOT FOUND", [("Content-Type", "application/problem+json")])
            return [b'{"type":"urn:otsp:problem:unknown-route","status":404}']
        token = environ.get("HTTP_AUTHORIZATION")
        if token is not None:
            identity = self._identity_of(token)
            if identity is not None:
                environ[_IDENTITY] = identity
            if service[0] != "auth":
                environ.pop("HTTP_AUTHORIZATION")
        return application.wsgi_app(environ, start_response)

    def _identity_of(self, authorization: str) -> str | None:
        question = EnvironBuilder("/internal/session", headers=[("Authorization", authorization)])
        _, _, headers = run_wsgi_app(self._applications["auth"], question.get_environ())
        return headers.get(HEADER)


class PlatformKit:
    """The six kits together."""

    def __init__(self, kits: Sequence[ServiceKit]) -> None:
        self.kits = {kit.service.name: kit for kit in kits}
        self._edge = InProcessEdge({name: kit.app for name, kit in self.kits.items()})

    @property
    def unheard(self) -> frozenset[str]:
        """The event types that none of the six reads."""
        heard = {kind for kit in self.kits.values() for kind in kit.work.inbox.types}
        return frozenset(PAYLOAD_CLASSES) - heard

    def http(self, token: str | None = None) -> httpx.Client:
        """A client of the edge, with or without a session."""
        return httpx.Client(
            transport=httpx.WSGITransport(app=self._edge),
            base_url="http://platform.test",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    @contextmanager
    def working(self) -> Iterator[None]:
        """All background halves run, in threads, over one LocalBus."""
        worker = Worker(LocalBus(unheard=self.unheard), [kit.work for kit in self.kits.values()])
        worker.start()
        try:
            yield
        finally:
            worker.stop()

    def settle(self, *, without: Sequence[str] = ()) -> None:
        """Move events until none waits anywhere; `without` names services that are down."""
        bus = LocalBus(unheard=self.unheard)
        up = [kit for name, kit in self.kits.items() if name not in without]
        for kit in up:
            inbox = kit.work.inbox
            bus.subscribe(kit.service.name, inbox.types, inbox.receive)
        bus.start()
        while sum(kit.relay_to(bus) for kit in up):
            pass
        bus.stop()

    def set_aside(self) -> list[str]:
        """What failed anywhere; empty when all is well."""
        return [f"{name}: {why}" for name, kit in self.kits.items() for why in kit.set_aside()]

    def clean(self) -> None:
        for kit in self.kits.values():
            kit.clean()
