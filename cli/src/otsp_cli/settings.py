"""Where the platform is that the client commands speak to."""

from pathlib import Path

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
