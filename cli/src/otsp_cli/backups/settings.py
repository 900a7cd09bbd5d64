"""Where the commands on backups find the stores; databases are named in `otsp_cli.settings`."""

from pathlib import Path

from pydantic import Field, SecretStr

from otsp_chassis.blobs.address import BucketAddress
from otsp_chassis.settings import StoreSettings


class BackupSettings(StoreSettings):
    """The platform's store as its services know it, and the way to where backups are kept."""

    pg_bin: Path | None = Field(None, validation_alias="OTSP_PG_BIN")
    backup_endpoint: str | None = Field(None, validation_alias="OTSP_BACKUP_S3_ENDPOINT")
    backup_region: str | None = Field(None, validation_alias="OTSP_BACKUP_S3_REGION")
    backup_access_key: str | None = Field(None, validation_alias="OTSP_BACKUP_S3_ACCESS_KEY")
    backup_secret_key: SecretStr | None = Field(None, validation_alias="OTSP_BACKUP_S3_SECRET_KEY")

    def backup_bucket(self, name: str) -> BucketAddress | None:
        """None while it is not known where that bucket is."""
        endpoint, region = self.backup_endpoint, self.backup_region
        access_key, secret_key = self.backup_access_key, self.backup_secret_key
        if endpoint is None or region is None or access_key is None or secret_key is None:
            return None
        return BucketAddress(
            endpoint, name, region, access_key, secret_key,
            self.s3_addressing, self.s3_encryption, self.s3_ca_file,
        )  # fmt: skip
