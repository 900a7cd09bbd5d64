"""Where a bucket is; known to the settings, which must not load what speaks to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

Addressing = Literal["path", "virtual"]
Encryption = Literal["AES256", "aws:kms"]


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where a bucket is and how it is entered."""

    endpoint: str
    name: str
    region: str
    access_key: str
    secret_key: SecretStr
    addressing: Addressing = "path"
    encryption: Encryption | None = None
    ca_file: Path | None = None
