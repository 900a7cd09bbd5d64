"""A service, put together: the one public constructor.

    service = Service(name="staff", package="otsp_staff", settings=StaffSettings)

The rooms `api`, `consumers`, `counters`, `jobs`, `republish`, `retention` and `stuck` of the
package are found by their names; all but the first may be missing.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from functools import cached_property, partial
from types import ModuleType

import flask
from sqlalchemy import Table

from otsp_chassis import clock, log
from otsp_chassis.audit.sealing import require_signing_key
from otsp_chassis.blobs import open_store
from otsp_chassis.context import Runtime
from otsp_chassis.counters import Counting, counting_of, tell_changed
from otsp_chassis.db import Database
from otsp_chassis.history.reading import Labels
from otsp_chassis.http import FormatCheck
from otsp_chassis.inbox import Inbox, subscriptions
from otsp_chassis.jobs import Job, jobs_of
from otsp_chassis.pii import Cipher
from otsp_chassis.republish import Source, sources_of
from otsp_chassis.retention import Term, apply_nightly, terms_of
from otsp_chassis.settings import MigrationSettings, ServiceSettings
from otsp_chassis.stuck import Watch, watch_of
from otsp_chassis.tables import chassis_metadata
from otsp_chassis.unnamed_files import NamedFiles, erase_regularly
from otsp_chassis.worker import ServiceWork
from otsp_contracts.envelope import Payload


class Service:
    """Everything a process can be of one service: its API, its worker half, its migrations.

    Settings are read on first use, so that migrating needs only the owner's database address.
    """

    def __init__(
        self,
        *,
        name: str,
        package: str,
        settings: type[ServiceSettings] = ServiceSettings,
        formats: Mapping[str, FormatCheck] | None = None,
        labels: Labels | None = None,
        files: NamedFiles | None = None,
    ) -> None:
        self.name = name
        self.package = package
        self.settings_class = settings
        self.files = files
        self._formats = dict(formats or {})
        self.labels = labels

    @cached_property
    def runtime(self) -> Runtime:
        """Settings and resources of this process; fails here when a setting is missing."""
        return self.runtime_with(self.settings_class.load(self.name))

    def runtime_with(self, settings: ServiceSettings) -> Runtime:
        """The same from settings in hand, for tests and tools."""
        clock.set_offset(settings.clock_offset_days)
        self.counting()
        return Runtime(
            service=self.name,
            settings=settings,
            database=Database(
                settings.database_url,
                service=self.name,
                pool_size=settings.db_pool_size,
                pool_timeout=settings.db_pool_timeout_seconds,
                statement_ms=settings.statement_timeout_ms,
            ),
            cipher=Cipher.from_file(settings.pii_keys),
            blobs=open_store(settings, self.name),
            claims=open_store(settings),
        )

    def wsgi(self, runtime: Runtime | None = None) -> flask.Flask:
        """The HTTP edge, as plain WSGI."""
        from otsp_chassis.http.application import build_application  # noqa: PLC0415 - Connexion

        runtime = runtime or self.runtime
        log.configure(runtime.settings.log_level)
        return build_application(runtime, self.package, self._formats, labels=self.labels)

    def work(self, runtime: Runtime | None = None) -> ServiceWork:
        """The event and clock edges, for a Worker."""
        runtime = runtime or self.runtime
        require_signing_key(runtime.settings)
        handlers = subscriptions(self._room("consumers"))
        return ServiceWork(runtime, Inbox(runtime, handlers), self.jobs())

    def heard_types(self) -> frozenset[str]:
        """The event types that this service's consumers read."""
        return frozenset(self.heard_payloads())

    def heard_payloads(self) -> dict[str, type[Payload]]:
        """The same with the classes that they are read by."""
        heard = subscriptions(self._room("consumers"))
        return {kind: subscription.payload for kind, subscription in heard.items()}

    def republish_sources(self) -> list[Source]:
        """What others keep of this service, and how it is told to them again."""
        return sources_of(self._room("republish"))

    def watch(self) -> Watch:
        """How this service finds what has not moved."""
        return watch_of(self._room("stuck"))

    def retention_terms(self) -> list[Term]:
        """How long this service keeps what."""
        return terms_of(self._room("retention"))

    def jobs(self) -> list[Job]:
        """Its periodic work, the chassis's own included."""
        jobs, terms = jobs_of(self._room("jobs")), self.retention_terms()
        if terms:
            jobs.append(
                Job("let_go_of_what_is_past_its_time", 3_600, partial(apply_nightly, terms))
            )
        if self.files is not None:
            erase = partial(erase_regularly, self.files)
            jobs.append(Job("erase_unnamed_files", 21_600, erase))
        if (counting := self.counting()) is not None:
            jobs.append(Job("tell_counters", 10, partial(tell_changed, counting)))
        return jobs

    def counting(self) -> Counting | None:
        """What it counts of institutions; once asked for, writes leave their marks."""
        return counting_of(self._room("counters"))

    def migrate(self) -> str:
        """Bring the schema up to date as the owner role; returns the revision."""
        from otsp_chassis.migrate import upgrade  # noqa: PLC0415 - only migrating loads Alembic

        return upgrade(self.package, MigrationSettings.load(self.name).migration_database_url)

    def load_rooms(self) -> None:
        """Import every module without settings: what they define (problems, handlers) exists."""
        package = importlib.import_module(self.package)
        for module in pkgutil.walk_packages(package.__path__, f"{self.package}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)

    def tables(self) -> list[Table]:
        """Everything that its database has, the mechanisms' own included."""
        self.load_rooms()
        own = importlib.import_module(f"{self.package}.model").Base.metadata
        return [*chassis_metadata.sorted_tables, *own.sorted_tables]

    def _room(self, name: str) -> ModuleType | None:
        full = f"{self.package}.{name}"
        return importlib.import_module(full) if importlib.util.find_spec(full) else None


def application(package: str) -> flask.Flask:
    """One service's API for gunicorn, which can only call plain functions by name."""
    service: Service = importlib.import_module(f"{package}.app").service
    return service.wsgi()
