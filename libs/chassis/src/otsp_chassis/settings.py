"""Settings: one class per service, read from the environment once, failing at start.

Fields of the service itself carry the prefix OTSP_<SERVICE>_; what all services share has a
plain OTSP_ name. Secrets and addresses have no default. Nothing else reads the environment.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_chassis.blobs.address import Addressing, BucketAddress, Encryption

Given = Any
Environment = Literal["production", "demo", "development", "test"]


def broker_address(url: str) -> str:
    """The address of a message engine as it is, or ValueError; nothing is connected to."""
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        message = "it must be amqp://USER:PASSWORD@HOST:PORT/VHOST (or amqps://)"
        raise ValueError(message)
    return url


def collector_address(url: str) -> str:
    """The address of a collector as it is, or ValueError; nothing is asked."""
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or parts.query or parts.fragment:
        message = "it must be http://HOST:PORT or https://HOST, to which /v1/traces is added"
        raise ValueError(message)
    return url


def scanner_address(text: str) -> str:
    """HOST:PORT or the absolute path of a socket as it is, or ValueError; nothing is asked."""
    host, _, port = text.rpartition(":")
    if not text.startswith("/") and not (host and port.isdecimal() and 0 < int(port) < 65_536):
        message = "it must be HOST:PORT or the absolute path of a socket"
        raise ValueError(message)
    return text


def store_address(url: str) -> str:
    """http(s)://HOST[:PORT] as it is, or ValueError; nothing is asked."""
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or parts.path.strip("/") or parts.query:
        message = "it must be http(s)://HOST[:PORT], without the bucket"
        raise ValueError(message)
    return url


class SharedSettings(BaseSettings):
    """What every process of the platform is told."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    env: Environment = Field("production", validation_alias="OTSP_ENV")
    clock_offset_days: int = Field(0, validation_alias="OTSP_CLOCK_OFFSET_DAYS")
    log_level: str = Field("INFO", validation_alias="OTSP_LOG_LEVEL")
    amqp_url: Annotated[str, AfterValidator(broker_address)] | None = Field(
        None, validation_alias="OTSP_AMQP_URL"
    )
    otlp_endpoint: Annotated[str, AfterValidator(collector_address)] | None = Field(
        None, validation_alias="OTSP_OTLP_ENDPOINT"
    )
    """None: nothing is traced."""
    trace_sample_ratio: float = Field(0.1, ge=0, le=1, validation_alias="OTSP_TRACE_SAMPLE_RATIO")
    """Of the traces that begin here; what came in sampled, or not, stays so."""

    @model_validator(mode="after")
    def _business_clock_is_true_in_production(self) -> Self:
        if self.env == "production" and self.clock_offset_days:
            message = "OTSP_CLOCK_OFFSET_DAYS must be 0 when OTSP_ENV=production"
            raise ValueError(message)
        return self


_S3 = ("endpoint", "bucket", "region", "access_key", "secret_key")


class StoreSettings(SharedSettings):
    """Where files are kept: a bucket when its five settings are there, else a folder."""

    s3_endpoint: Annotated[str, AfterValidator(store_address)] | None = Field(
        None, validation_alias="OTSP_S3_ENDPOINT"
    )
    s3_bucket: str | None = Field(None, min_length=3, validation_alias="OTSP_S3_BUCKET")
    s3_region: str | None = Field(None, min_length=1, validation_alias="OTSP_S3_REGION")
    s3_access_key: str | None = Field(None, min_length=1, validation_alias="OTSP_S3_ACCESS_KEY")
    s3_secret_key: SecretStr | None = Field(
        None, min_length=1, validation_alias="OTSP_S3_SECRET_KEY", validate_default=True
    )
    s3_addressing: Addressing = Field("path", validation_alias="OTSP_S3_ADDRESSING")
    s3_encryption: Encryption | None = Field(None, validation_alias="OTSP_S3_ENCRYPTION")
    s3_ca_file: Path | None = Field(None, validation_alias="OTSP_S3_CA_FILE")
    files_dir: Path | None = Field(None, validation_alias="OTSP_FILES_DIR", validate_default=True)
    claims_dir: Path | None = Field(None, validation_alias="OTSP_CLAIMS_DIR")
    """One for all services; None: the folder of `files_dir`. A bucket is one for all anyway."""

    @field_validator("s3_secret_key")
    @classmethod
    def _of_a_bucket_all_is_told(
        cls, secret: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        told = {name: info.data.get(f"s3_{name}") for name in _S3[:-1]} | {"secret_key": secret}
        missing = [f"OTSP_S3_{name.upper()}" for name in _S3 if told[name] is None]
        if 0 < len(missing) < len(_S3):
            message = f"of the object store also set {', '.join(missing)}, or none of its settings"
            raise ValueError(message)
        return secret

    @field_validator("files_dir")
    @classmethod
    def _files_have_a_place(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        if folder is None and info.data.get("s3_endpoint") is None:
            message = "OTSP_FILES_DIR must be set where no object store is (OTSP_S3_ENDPOINT …)"
            raise ValueError(message)
        return folder

    def bucket(self) -> BucketAddress | None:
        """None: files lie in a folder."""
        endpoint, name, region = self.s3_endpoint, self.s3_bucket, self.s3_region
        if not (endpoint and name and region and self.s3_access_key and self.s3_secret_key):
            return None
        return BucketAddress(
            endpoint=endpoint,
            name=name,
            region=region,
            access_key=self.s3_access_key,
            secret_key=self.s3_secret_key,
            addressing=self.s3_addressing,
            encryption=self.s3_encryption,
            ca_file=self.s3_ca_file,
        )

    def folder(self) -> Path:
        if self.files_dir is None:
            message = "files lie in a bucket"
            raise LookupError(message)
        return self.files_dir


class ServiceSettings(StoreSettings):
    """What an API or worker process of one service is told. Services subclass it."""

    database_url: str
    db_pool_size: int = Field(8, ge=1, le=64)
    db_pool_timeout_seconds: float = Field(2.0, gt=0)
    statement_timeout_ms: int = Field(5_000, ge=100)
    identity_public_keys: Path = Field(validation_alias="OTSP_IDENTITY_PUBLIC_KEYS")
    pii_keys: Path = Field(validation_alias="OTSP_PII_KEYS")
    clamd_address: Annotated[str, AfterValidator(scanner_address)] | None = Field(
        None, validation_alias="OTSP_CLAMD_ADDRESS"
    )
    """None: uploads are not scanned."""
    file_max_mb: int = Field(20, ge=1, le=100, validation_alias="OTSP_FILE_MAX_MB")
    video_max_mb: int = Field(500, ge=1, le=4_000, validation_alias="OTSP_VIDEO_MAX_MB")
    pdf_max_pages: int = Field(500, ge=1, le=5_000, validation_alias="OTSP_PDF_MAX_PAGES")
    image_max_megapixels: int = Field(
        60, ge=1, le=200, validation_alias="OTSP_IMAGE_MAX_MEGAPIXELS"
    )
    archive_max_unpacked_mb: int = Field(
        200, ge=1, le=4_000, validation_alias="OTSP_ARCHIVE_MAX_UNPACKED_MB"
    )
    archive_max_entries: int = Field(
        5_000, ge=1, le=100_000, validation_alias="OTSP_ARCHIVE_MAX_ENTRIES"
    )
    watermark_font: Path | None = Field(None, validation_alias="OTSP_WATERMARK_FONT")
    """None: one of those that Debian's packages of Chinese fonts bring."""
    claim_above_bytes: int = Field(1024 * 1024, ge=1, validation_alias="OTSP_CLAIM_ABOVE_BYTES")
    audit_signing_key: Path | None = Field(None, validation_alias="OTSP_AUDIT_SIGNING_KEY")
    """Workers only, which need it: they seal the audit trail."""

    @classmethod
    def load(cls, service: str, **given: Given) -> Self:
        """From the environment; `given` values win over it."""
        return cls(_env_prefix=f"OTSP_{service.upper()}_", **given)


class ProcessSettings(BaseSettings):
    """Where an API process listens, for gunicorn."""

    model_config = SettingsConfigDict(env_prefix="OTSP_", extra="ignore", frozen=True)

    bind: str = "127.0.0.1:8000"
    threads: int = Field(8, ge=1, le=64)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65_535, description="0: no metrics listener")


class MigrationSettings(SharedSettings):
    """What the migration job of one service is told: the owner's address, nothing else."""

    migration_database_url: str

    @classmethod
    def load(cls, service: str) -> Self:
        return cls(_env_prefix=f"OTSP_{service.upper()}_")
