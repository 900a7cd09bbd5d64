"""The platform's processes: what each is called, runs, is told. Each gets its own secrets only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from otsp_local.environment import ROOT, VENV_PYTHON
from otsp_local.keys import PlatformKeys
from otsp_local.ports import LOOPBACK, RememberedPorts
from otsp_local.postgres import ServiceDatabase
from otsp_local.processes import ProcessFolder, Program

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")
SECOND_FACTOR = "OTSP_AUTH_SECOND_FACTOR"
"""Required by default; who tries the platform out has no authenticator at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Makes the programs of one platform out of what it was given."""

    databases: Mapping[str, ServiceDatabase]
    keys: PlatformKeys
    files: Path
    ports: RememberedPorts
    processes: ProcessFolder
    inherited: Mapping[str, str]
    clock_offset_days: int
    amqp_url: str | None
    portal_url: str

    def apis(self) -> list[Program]:
        return [self._api(service) for service in SERVICES]

    def workers(self) -> list[Program]:
        """One for all over the in-process bus; over RabbitMQ one a service, as in production."""
        if self.amqp_url is None:
            return [self._worker("worker", ["--all"], SERVICES)]
        return [self._worker(f"worker-{name}", [name], [name]) for name in SERVICES]

    def portal(self) -> Program:
        """Told of the gateway and of its own keys, and of nothing else."""
        metrics = self._port("metrics-portal", "portal")
        bind = ["--bind", self._portal_address(), "--metrics-port", str(metrics)]
        own = {
            "OTSP_ENV": "demo",
            "OTSP_CLOCK_OFFSET_DAYS": str(self.clock_offset_days),
            "OTSP_PORTAL_GATEWAY_URL": self.portal_url,
            "OTSP_PORTAL_SECRET_KEYS": str(self.keys.portal),
            "PYTHONUNBUFFERED": "1",
        }
        return Program(
            name="portal",
            arguments=_otsp("portal", *bind),
            environment={**self.inherited, **own},
            directory=ROOT,
            ready_url=f"http://{self._portal_address()}/livez",
        )

    def upstreams(self) -> dict[str, str]:
        """Service → the address of its API; the portal's among them."""
        apis = {
            service: f"{LOOPBACK}:{self._port(f'api-{service}', f'api-{service}')}"
            for service in SERVICES
        }
        return {**apis, "portal": self._portal_address()}

    def operating(self) -> dict[str, str]:
        """What somebody who looks after messages and audit trails of all services is told."""
        own = [pair for service in SERVICES for pair in self._own(service).items()]
        public = {"OTSP_AUDIT_PUBLIC_KEYS": str(self.keys.audit_public)}
        return self._shared() | dict(own) | public

    def migration(self, service: str) -> Program:
        """Alone knows the owner's address."""
        address = {f"OTSP_{service.upper()}_MIGRATION_DATABASE_URL": self._owner_url(service)}
        return Program(
            name=f"migrate-{service}",
            arguments=_otsp("migrate", service),
            environment=self._shared() | address,
            directory=ROOT,
        )

    def bootstrap_admin(self, accounts_file: Path) -> Program:
        return Program(
            name="bootstrap-admin",
            arguments=_otsp("bootstrap-admin", "--accounts", str(accounts_file)),
            environment=self._shared() | self._own("auth"),
            directory=ROOT,
        )

    def _api(self, service: str) -> Program:
        name = f"api-{service}"
        port = self._port(name, name)
        metrics = self._port(f"metrics-{name}", name)
        bind = ["--bind", f"{LOOPBACK}:{port}", "--metrics-port", str(metrics)]
        return Program(
            name=name,
            arguments=_otsp("api", service, *bind),
            environment=self._shared() | self._own(service),
            directory=ROOT,
            ready_url=f"http://{LOOPBACK}:{port}/readyz",
        )

    def _worker(self, name: str, which: Sequence[str], services: Sequence[str]) -> Program:
        metrics = self._port(f"metrics-{name}", name)
        own = [pair for service in services for pair in self._own(service).items()]
        signing = {"OTSP_AUDIT_SIGNING_KEY": str(self.keys.audit_private)}
        return Program(
            name=name,
            arguments=_otsp("worker", *which, "--metrics-port", str(metrics)),
            environment=self._shared() | dict(own) | signing,
            directory=ROOT,
            ready_url=f"http://{LOOPBACK}:{metrics}/readyz",
        )

    def _shared(self) -> dict[str, str]:
        shared = {
            "OTSP_ENV": "demo",
            "OTSP_CLOCK_OFFSET_DAYS": str(self.clock_offset_days),
            "OTSP_IDENTITY_PUBLIC_KEYS": str(self.keys.identity_public),
            "OTSP_PII_KEYS": str(self.keys.pii),
            "OTSP_FILES_DIR": str(self.files),
            "PYTHONUNBUFFERED": "1",
        }
        if self.amqp_url is not None:
            shared["OTSP_AMQP_URL"] = self.amqp_url
        return {**self.inherited, **shared}

    def _own(self, service: str) -> dict[str, str]:
        own = {f"OTSP_{service.upper()}_DATABASE_URL": self.databases[service].app_url}
        if service == "auth":
            own["OTSP_AUTH_IDENTITY_PRIVATE_KEY"] = str(self.keys.identity_private)
            own["OTSP_AUTH_PORTAL_URL"] = self.portal_url
            own[SECOND_FACTOR] = self.inherited.get(SECOND_FACTOR, "offered")
        if service == "compliance":
            own["OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY"] = str(self.keys.receipt_private)
            own["OTSP_COMPLIANCE_RECEIPT_PUBLIC_KEYS"] = str(self.keys.receipt_public)
            own["OTSP_COMPLIANCE_PORTAL_URL"] = self.portal_url
        return own

    def _portal_address(self) -> str:
        return f"{LOOPBACK}:{self._port('portal', 'portal')}"

    def _owner_url(self, service: str) -> str:
        return self.databases[service].owner_url

    def _port(self, name: str, program: str) -> int:
        return self.ports.port_of(name, is_ours=self.processes.is_running(program))


def _otsp(*arguments: str) -> list[str]:
    return [str(VENV_PYTHON), "-m", "otsp_cli", *arguments]
