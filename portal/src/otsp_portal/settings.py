"""What the portal is told. Prefix OTSP_PORTAL_; it has no database and no broker."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from otsp_chassis.settings import SharedSettings

_SHORTEST_KEY = 32


def _origin(url: str) -> str:
    if not url.startswith(("http://", "https://")) or url.count("/") != 2:
        message = "it must be an origin: http://HOST:PORT or https://HOST, without a path"
        raise ValueError(message)
    return url


class PortalSettings(SharedSettings):
    """One portal in front of one gateway."""

    model_config = SettingsConfigDict(env_prefix="OTSP_PORTAL_")

    gateway_url: Annotated[str, AfterValidator(_origin)]
    secret_keys: Path
    """A file with one key a line: the first seals, all open. Rotate by putting a new one on top."""
    gateway_timeout_seconds: float = Field(20.0, gt=0, le=120)
    calls_at_once: int = Field(16, ge=2, le=64)
    """Requests to the gateway that run beside each other, over all pages being made."""

    @property
    def is_secure(self) -> bool:
        """Whether cookies travel over TLS only; a demonstration on loopback has none."""
        return self.env == "production"

    def read_secret_keys(self) -> list[str]:
        """The keys of the file; raises ValueError where one is short or none is there."""
        keys = [line.strip() for line in self.secret_keys.read_text("utf-8").splitlines()]
        keys = [key for key in keys if key]
        if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
            message = f"{self.secret_keys} must hold keys of {_SHORTEST_KEY} characters or more"
            raise ValueError(message)
        return keys
