"""The claim check: what is too large for the bus lies in the store, the event says where."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from otsp_contracts.payload import Payload


class Claim(BaseModel):
    """Where a member lies: `sha256` and `size` are those of its JSON text before encryption."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str = Field(pattern="^claims/[a-z]+/[0-9a-f]{32}$")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(gt=0)


class Claimable(Payload):
    """A payload whose `data` travels by claim check when it is large.

    Senders give `data` and handlers are given it; on the way `claim` may stand in its place.
    """

    data: dict[str, Any] | str | None = None
    claim: Claim | None = None

    @model_validator(mode="after")
    def _data_or_claim(self) -> Self:
        if (self.data is None) == (self.claim is None):
            message = "either data or a claim"
            raise ValueError(message)
        return self
