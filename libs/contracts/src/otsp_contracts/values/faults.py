"""One fault of one field, as every answer tells it (RFC 9457, member `errors`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """RFC 6901 pointer into the body, lower_snake code, zh-CN sentence that says what to do."""

    pointer: str
    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}
