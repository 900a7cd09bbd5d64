"""All checks, in the order in which they are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from otsp_cli.doctor import data, machine, messaging, network, senders
from otsp_cli.doctor.findings import Finding
from otsp_cli.doctor.surroundings import Surroundings

Thing = Any


@dataclass(frozen=True, slots=True)
class Check:
    """`sees` names what there is to look at; `examine` looks at one of them."""

    name: str
    sees: Callable[[Surroundings], Mapping[str, Thing]]
    examine: Callable[[Surroundings, Thing], Finding]
    needs: str
    is_after: bool = False
    """Nothing of it is there before the installation."""


_DATABASE = "OTSP_<SERVICE>_DATABASE_URL or OTSP_<SERVICE>_MIGRATION_DATABASE_URL"
_APPLICATION = "OTSP_<SERVICE>_DATABASE_URL"
_COMPLIANCE = "OTSP_COMPLIANCE_DATABASE_URL"
_SENDERS = "OTSP_AUTH_SMS_URL or OTSP_AUTH_SMTP_HOST"

CHECKS = (
    Check("settings", machine.services, machine.examine_settings, _APPLICATION),
    Check("dns", network.hosts, network.examine_name, "any address"),
    Check("tls", network.endpoints, network.examine_tls, "any address"),
    Check("database", data.databases, data.examine_server, _DATABASE),
    Check("connections", data.servers, data.examine_connections, _APPLICATION),
    Check("dump", data.servers, data.examine_dump, _APPLICATION),
    Check("roles", data.databases, data.examine_role, _DATABASE),
    Check("schema", data.application_databases, data.examine_schema, _DATABASE, is_after=True),
    Check("clock", network.clocks, network.examine_clock, _APPLICATION),
    Check("calendar", data.calendars, data.examine_calendar, _COMPLIANCE, is_after=True),
    Check("broker", messaging.brokers, messaging.examine_broker, "OTSP_AMQP_URL"),
    Check("queues", messaging.brokers, messaging.examine_queues, "OTSP_AMQP_URL", is_after=True),
    Check("permissions", messaging.brokers, messaging.examine_permissions, "OTSP_AMQP_URL"),
    Check("senders", senders.senders, senders.examine_sender, _SENDERS),
    Check("store", machine.services, machine.examine_store, _APPLICATION),
    Check("keys", machine.keys, machine.examine_key, "a key file"),
    Check("files", machine.files, machine.examine_file, "a key file or OTSP_FILES_DIR"),
    Check("fonts", machine.fonts, machine.examine_font, _APPLICATION),
    Check("versions", machine.versions, machine.examine_versions, ""),
)
