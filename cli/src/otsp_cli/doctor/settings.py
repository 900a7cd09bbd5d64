"""What the environment names, read leniently: a wrong value is something to tell, not to die of."""

from pathlib import Path
from typing import Self

from pydantic_settings import BaseSettings, SettingsConfigDict


class NamedDatabase(BaseSettings):
    """The addresses of one service's database, with their passwords."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: str | None = None
    migration_database_url: str | None = None
    db_pool_size: str = "8"

    @classmethod
    def load(cls, service: str) -> Self:
        return cls(_env_prefix=f"OTSP_{service.upper()}_")


class Named(BaseSettings):
    """The rest. OTSP_RABBITMQ_API_URL is the doctor's own: http(s)://USER:PASSWORD@HOST:15672."""

    model_config = SettingsConfigDict(
        env_prefix="OTSP_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    env: str = "production"
    clock_offset_days: str = "0"
    amqp_url: str | None = None
    rabbitmq_api_url: str | None = None
    identity_public_keys: Path | None = None
    auth_identity_private_key: Path | None = None
    pii_keys: Path | None = None
    audit_signing_key: Path | None = None
    audit_public_keys: Path | None = None
    compliance_receipt_signing_key: Path | None = None
    compliance_receipt_public_keys: Path | None = None
    portal_secret_keys: Path | None = None
    pg_bin: Path | None = None
    files_dir: Path | None = None
    claims_dir: Path | None = None
    watermark_font: Path | None = None
    portal_gateway_url: str | None = None
    gateway_url: str | None = None
    gateway_upstreams: str | None = None
    auth_portal_url: str | None = None
    compliance_portal_url: str | None = None
    s3_endpoint: str | None = None
    s3_ca_file: Path | None = None
    otlp_endpoint: str | None = None
    auth_sms_url: str | None = None
    auth_sms_fallback_url: str | None = None
    auth_sms_secret_file: Path | None = None
    auth_sms_fallback_secret_file: Path | None = None
    auth_smtp_host: str | None = None
    auth_smtp_port: str = "587"
    auth_smtp_security: str = "starttls"
    auth_smtp_username: str | None = None
    auth_smtp_password_file: Path | None = None
