"""How a typed text is cleaned, and the root of all values that are one piece of text."""

import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

_FULL_WIDTH_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_FULL_WIDTH_DIGITS = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)} | {0x3000: 0x20}


class InvalidValue(ValueError):
    """A text is not a value of the wanted type. `code` is for programs, `detail_zh` for people.

    The refused text is never part of the error: it may be a person's number.
    """

    def __init__(self, code: str, detail_zh: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail_zh = detail_zh


def normalise_text(text: str) -> str:
    """Free text: NFC, trimmed, full-width digits and spaces as ASCII; other characters are kept."""
    return unicodedata.normalize("NFC", text.translate(_FULL_WIDTH_DIGITS)).strip()


def fold_width(text: str) -> str:
    """NFC, every full-width character as ASCII, no white space."""
    joined = "".join(text.translate(_FULL_WIDTH_TO_ASCII).split())
    return unicodedata.normalize("NFC", joined)


def normalise_code(text: str) -> str:
    """A number or code: width folded and in upper case."""
    return unicodedata.normalize("NFC", fold_width(text).upper())


@dataclass(frozen=True, slots=True)
class Code(ABC):
    """A value that is one normalised text. Subclasses say in `check` what they refuse.

    A class whose values belong to persons sets PERSONAL; its values do not show in `repr`, and so
    not in a log or a traceback.
    """

    PERSONAL: ClassVar[bool] = False

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The value that a person meant by `text`; raises InvalidValue."""
        normalised = cls.normalise(text)
        cls.check(normalised)
        return cls(normalised)

    @classmethod
    def accepts(cls, text: str) -> bool:
        """Whether `parse` would succeed."""
        try:
            cls.parse(text)
        except InvalidValue:
            return False
        return True

    @classmethod
    def normalise(cls, text: str) -> str:
        """Idempotent cleaning before the check."""
        return normalise_code(text)

    @classmethod
    @abstractmethod
    def check(cls, text: str) -> None:
        """Raises InvalidValue when the normalised text is not a value of this type."""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        shown = "***" if self.PERSONAL else self.text
        return f"{type(self).__name__}({shown!r})"
