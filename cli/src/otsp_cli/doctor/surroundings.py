"""What one process's environment lets the doctor see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from otsp_chassis import clock
from otsp_cli.doctor.addresses import Address, addresses
from otsp_cli.doctor.broker import Broker
from otsp_cli.doctor.databases import Database
from otsp_cli.doctor.settings import Named, NamedDatabase
from otsp_cli.serving import SERVICES


@dataclass
class Surroundings:
    """Settings, addresses and databases. `is_before`: nothing has been installed yet."""

    is_before: bool
    named: Named = field(default_factory=Named)

    def __post_init__(self) -> None:
        """The business day that these processes will have; a wrong one is told by `settings`."""
        days = self.named.clock_offset_days
        clock.set_offset(int(days) if days.lstrip("-").isdecimal() else 0)

    @cached_property
    def _settings(self) -> dict[str, NamedDatabase]:
        return {name: NamedDatabase.load(name) for name in SERVICES}

    @cached_property
    def addresses(self) -> list[Address]:
        return addresses(self.named, self._settings)

    @cached_property
    def databases(self) -> Mapping[str, Database]:
        """By name: the application's, then the owner's, of each service."""
        found = []
        for service, each in self._settings.items():
            size = int(each.db_pool_size) if each.db_pool_size.isdecimal() else 8
            for url, is_owner in (
                (each.database_url, False),
                (each.migration_database_url, True),
            ):
                if url:
                    found.append(Database(service, url, is_owner, size))
        return {each.name: each for each in found}

    @cached_property
    def services(self) -> list[str]:
        """Whose API or worker could run with these settings."""
        return [each.service for each in self.databases.values() if not each.is_owner]

    @cached_property
    def broker(self) -> Broker | None:
        url = self.named.amqp_url
        return Broker(url, self.named.rabbitmq_api_url) if url else None
