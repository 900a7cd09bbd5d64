"""What the compliance service is told beside what all services are."""

from typing import cast

from pydantic import Field

from otsp_chassis.context import current_runtime
from otsp_chassis.settings import ServiceSettings


class ComplianceSettings(ServiceSettings):
    """Deadlines of gathering and acknowledging, on the real clock; how long a case is held."""

    section_step_seconds: float = Field(
        10, gt=0, description="A section not here by then is asked for again."
    )
    section_repeats: int = Field(3, ge=0, le=10, description="How often a section is asked again.")
    gathering_seconds: float = Field(
        60, gt=0, description="Sections not here by then fail the gathering."
    )
    acknowledgement_hours: int = Field(
        24, ge=1, description="An application may wait this long for its warnings to be read."
    )
    lease_working_days: int = Field(
        3, ge=1, le=20, description="A case stays so many working days with who acted on it last."
    )
    self_checks_at_once: int = Field(3, ge=1, description="Self-checks of one institution.")
    re_evaluation_page: int = Field(
        50, ge=1, le=1_000, description="Institutions that are re-evaluated in one transaction."
    )


def current_settings() -> ComplianceSettings:
    """The settings of the runtime whose door is open."""
    return cast("ComplianceSettings", current_runtime().settings)
