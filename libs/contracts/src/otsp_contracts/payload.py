"""The root of all event payloads. What one event says is in its owner's module, not here."""

from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """The `data` of one event: a fact, complete, additive over time, without personal data.

    Unknown members are ignored, so that a sender may be newer than its readers. A member that
    is added later is optional.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[str]
    """Name of the field whose value is the CloudEvents subject: the thing the event is about."""
    CLOSED: ClassVar[frozenset[str]] = frozenset()
    """Members that only their reader opens: tools tell their size and digest, never what is in."""

    @classmethod
    def owner(cls) -> str:
        """The service that alone may publish this event."""
        return cls.TYPE.partition(".")[0]

    def subject(self) -> str:
        """The value of the subject field, as text."""
        value: Any = getattr(self, self.SUBJECT)
        return str(value)

    def to_bytes(self) -> bytes:
        """The payload as UTF-8 JSON."""
        return self.model_dump_json().encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Reads what `to_bytes` wrote; raises pydantic's ValidationError on anything else."""
        return cls.model_validate_json(raw)


class StateChange(Payload):
    """A payload that tells a transition of an aggregate.

    `version` is the aggregate's after the change; a reader ignores an older one than it has.
    `actor` is the account that acted, null when the system did. `from_state` is null when the
    thing is new.
    """

    version: int
    actor: UUID | None = None
    from_state: str | None = None
    to_state: str
