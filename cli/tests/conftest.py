"""Commands on messages, given as an operator gives them, beside real databases and a broker."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import pytest

from otsp_cli.__main__ import main
from otsp_testkit import ServiceKit

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")


@dataclass
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        """Of `--json`: one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def logged(self) -> list[dict]:
        lines = [line for line in self.err.splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]


@pytest.fixture
def named_kits(make_kit, monkeypatch) -> Iterator[dict[str, ServiceKit]]:
    """The six, with their workers' settings in the environment; for who leaves no rows there."""
    services = {name: import_module(f"otsp_{name}.app").service for name in SERVICES}
    made = {name: make_kit(service) for name, service in services.items()}
    monkeypatch.setenv("OTSP_ENV", "test")
    monkeypatch.setenv("OTSP_LOG_LEVEL", "INFO")
    monkeypatch.delenv("OTSP_AMQP_URL", raising=False)
    for name, kit in made.items():
        settings = kit.runtime.settings
        monkeypatch.setenv(f"OTSP_{name.upper()}_DATABASE_URL", settings.database_url)
        monkeypatch.setenv("OTSP_IDENTITY_PUBLIC_KEYS", str(settings.identity_public_keys))
        monkeypatch.setenv("OTSP_PII_KEYS", str(settings.pii_keys))
        monkeypatch.setenv("OTSP_FILES_DIR", str(settings.files_dir))
        monkeypatch.setenv("OTSP_AUDIT_PUBLIC_KEYS", str(kit.keys.audit_public))
    told = made["compliance"].runtime.settings
    monkeypatch.setenv("OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY", str(told.receipt_signing_key))
    monkeypatch.setenv("OTSP_COMPLIANCE_RECEIPT_PUBLIC_KEYS", str(told.receipt_public_keys))
    key = made["auth"].runtime.settings.identity_private_key
    monkeypatch.setenv("OTSP_AUTH_IDENTITY_PRIVATE_KEY", str(key))
    yield made
    for service in services.values():
        runtime = vars(service).pop("runtime", None)
        if runtime is not None:
            runtime.database.dispose()


@pytest.fixture
def kits(named_kits) -> Iterator[dict[str, ServiceKit]]:
    """The same, emptied afterwards."""
    yield named_kits
    for kit in named_kits.values():
        kit.clean()


@pytest.fixture
def without_keys(kits, monkeypatch):
    """A pod that is told no key but those that are published."""
    for name in (
        "OTSP_IDENTITY_PUBLIC_KEYS",
        "OTSP_PII_KEYS",
        "OTSP_FILES_DIR",
        "OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY",
        "OTSP_COMPLIANCE_RECEIPT_PUBLIC_KEYS",
        "OTSP_AUTH_IDENTITY_PRIVATE_KEY",
    ):
        monkeypatch.delenv(name)


@pytest.fixture
def otsp(kits, give):
    """Give a command; its exit code and its words."""
    return give


@pytest.fixture
def give(capsys):
    """The same beside whatever the environment names."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def give(*arguments: str) -> Told:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    yield give
    root.handlers[:] = handlers
    root.setLevel(level)
