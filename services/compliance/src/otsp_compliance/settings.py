"""What the compliance service is told beside what all services are."""

from datetime import date
from typing import Self, cast
from urllib.parse import urlsplit

from pydantic import Field, FilePath, model_validator

from otsp_chassis.context import current_runtime
from otsp_chassis.settings import ServiceSettings


class ComplianceSettings(ServiceSettings):
    """Deadlines of gathering and acknowledging, on the real clock; how long a case is held.

    Receipts: keys must be there when a process starts: a filing is answered with a signed receipt.
    """

    receipt_signing_key: FilePath = Field(description="JWK, Ed25519 with kid: signs receipts.")
    receipt_public_keys: FilePath = Field(
        description="JWKS that is published; keys are added and never taken out."
    )
    portal_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^/?#]+$",
        description="Origin of the pages that QR codes lead to; https in production.",
    )

    section_step_seconds: float = Field(
        8, gt=0, description="A section not here by then is asked for again; the pause doubles."
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
    office_closes_at: int = Field(
        18, ge=12, le=24, description="Hour at which the last day of a period is over."
    )
    closing_step_seconds: float = Field(
        60, gt=0, description="A service that has not closed an institution by then is asked again."
    )
    self_checks_at_once: int = Field(3, ge=1, description="Self-checks of one institution.")
    re_evaluation_page: int = Field(
        50, ge=1, le=1_000, description="Institutions that are re-evaluated in one transaction."
    )

    @model_validator(mode="after")
    def _codes_lead_to_a_true_place_in_production(self) -> Self:
        if self.env == "production" and urlsplit(self.portal_url).scheme != "https":
            message = "OTSP_COMPLIANCE_PORTAL_URL must begin with https:// when OTSP_ENV=production"
            raise ValueError(message)
        return self

    statistics_baseline_on: date = Field(
        date(2021, 7, 24), description="Day from which the reduction of institutions is counted."
    )
    open_data_days: int = Field(
        30, ge=1, le=400, description="Days of open data that stay published, today included."
    )


def current_settings() -> ComplianceSettings:
    """The settings of the runtime whose door is open."""
    return cast("ComplianceSettings", current_runtime().settings)
