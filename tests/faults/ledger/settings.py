"""What whoever runs the fault tests may choose."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FaultSettings(BaseSettings):
    """OTSP_FAULTS_SEED and OTSP_FAULTS_ROUNDS."""

    model_config = SettingsConfigDict(env_prefix="OTSP_FAULTS_", extra="ignore", frozen=True)

    seed: int | None = None
    """None: drawn anew for each run."""
    rounds: int = Field(1, ge=1)
    """How often the drill breaks everything; 1 is the short form."""
