"""The CloudEvents 1.0 envelope round a payload, and the register of all payload types.

Attributes are the standard's; what an event says about the business is in `data`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from otsp_contracts import auth, compliance, courses, institution, materials, staff
from otsp_contracts.payload import Payload, StateChange

__all__ = [
    "PAYLOAD_CLASSES",
    "Envelope",
    "Payload",
    "StateChange",
    "payload_class",
    "source_of",
]

OPTIONAL_ATTRIBUTES = ("subject", "correlationid", "causationid", "traceparent")
OWNERS = (auth, institution, staff, materials, courses, compliance)

PAYLOAD_CLASSES: dict[str, type[Payload]] = {
    payload.TYPE: payload for owner in OWNERS for payload in owner.EVENTS
}


def payload_class(event_type: str) -> type[Payload] | None:
    """The class of an event type; None for a type that this release does not know."""
    return PAYLOAD_CLASSES.get(event_type)


def source_of(service: str) -> str:
    """The CloudEvents source of a service."""
    return f"/otsp/{service}"


class Envelope(BaseModel):
    """One message on the bus, in structured JSON mode.

    `id` stays the same on every retry. `correlationid` is the id of what began it all (a request or
    the first event), `causationid` the id of the event whose handling published this one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+\.v[0-9]+$")]
    time: AwareDatetime
    subject: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]

    @classmethod
    def around(
        cls,
        payload: Payload,
        *,
        id: UUID,  # noqa: A002 - the attribute's name in the standard
        time: datetime,
        correlationid: str | None = None,
        causationid: str | None = None,
        traceparent: str | None = None,
    ) -> Self:
        """Wraps a payload; source, type and subject follow from it."""
        return cls(
            id=id,
            source=source_of(payload.owner()),
            type=payload.TYPE,
            time=time,
            subject=payload.subject(),
            correlationid=correlationid,
            causationid=causationid,
            traceparent=traceparent,
            data=payload.model_dump(mode="json"),
        )

    def payload(self) -> Payload | None:
        """The typed payload; None for an unknown type."""
        known = payload_class(self.type)
        return None if known is None else known.model_validate(self.data)

    def to_bytes(self) -> bytes:
        """The envelope as UTF-8 JSON; attributes without a value are left out."""
        absent = {name for name in OPTIONAL_ATTRIBUTES if getattr(self, name) is None}
        return self.model_dump_json(exclude=absent).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Reads what `to_bytes` wrote; raises pydantic's ValidationError on anything else."""
        return cls.model_validate_json(raw)
