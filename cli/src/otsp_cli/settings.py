"""Where commands find what they work on: the gateway for a client, databases for who keeps them."""

from pathlib import Path
from typing import Self

from pydantic_settings import BaseSettings, SettingsConfigDict


class ClientSettings(BaseSettings):
    """OTSP_GATEWAY_URL and OTSP_ACCOUNTS_FILE; else what `./dev up` left in OTSP_RUN_DIR."""

    model_config = SettingsConfigDict(env_prefix="OTSP_", extra="ignore", frozen=True)

    run_dir: Path = Path(".run")
    gateway_url: str | None = None
    accounts_file: Path | None = None

    @property
    def gateway(self) -> str:
        """The gateway's address; the usual one of a local platform when nothing else is known."""
        file = self.run_dir / "url"
        if self.gateway_url is None and file.is_file():
            return file.read_text(encoding="utf-8").strip()
        return self.gateway_url or "http://127.0.0.1:8080"

    @property
    def accounts(self) -> Path:
        return self.accounts_file or self.run_dir / "accounts.json"


class DatabaseSettings(BaseSettings):
    """OTSP_<SERVICE>_DATABASE_URL, and the owner's address, which only a restore needs."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: str
    migration_database_url: str | None = None

    @classmethod
    def load(cls, service: str) -> Self:
        return cls(_env_prefix=f"OTSP_{service.upper()}_")


class AuditSettings(BaseSettings):
    """OTSP_AUDIT_PUBLIC_KEYS: what the heads of the trail are verified with."""

    model_config = SettingsConfigDict(
        env_prefix="OTSP_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    audit_public_keys: Path | None = None
