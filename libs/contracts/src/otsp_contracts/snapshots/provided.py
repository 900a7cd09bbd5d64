"""How a section is delivered: the members that the four `snapshot_provided` events share."""

from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from otsp_contracts.claims import Claimable

GZIP_ABOVE_BYTES = 64 * 1024
"""A section whose canonical JSON is longer than this is sent compressed."""


class SectionProvided(Claimable):
    """One section of one institution, as of one instant, in answer to one request.

    `sha256` is the lower-case hex digest of the section's canonical JSON (RFC 8785; with whole
    numbers and ASCII member names that is: sorted members, no spaces, UTF-8). The section is hashed
    as it is sent; a reader hashes what it received, before any default is filled in.
    `encoding` says what `data` is: "plain" is the section itself, "gzip" the base64 text of the
    gzip-compressed canonical JSON. `version` grows with every section of that institution.
    """

    CLOSED: ClassVar[frozenset[str]] = frozenset({"data"})

    request_id: UUID
    institution_id: UUID
    application_id: UUID | None = None
    purpose: Literal["application", "self_check"]
    section: str
    version: int
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    encoding: Literal["plain", "gzip"]

    @model_validator(mode="after")
    def _data_is_as_encoded(self) -> Self:
        if self.data is not None and isinstance(self.data, str) != (self.encoding == "gzip"):
            message = f"data does not have the form of encoding {self.encoding}"
            raise ValueError(message)
        return self
