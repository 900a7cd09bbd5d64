"""What every page of the portal keeps, read from its HTML: one helper for all view tests."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from otsp_chassis.ids import new_id

PLATFORM = "校外教育培训监管与服务综合平台"
_VOID = frozenset({"input", "meta", "link", "img", "br", "hr", "path", "circle", "rect", "col"})
_UNLABELLED = frozenset({"hidden", "submit", "button"})
_ENGLISH_ALLOWED = re.compile(
    r"(?<![A-Za-z])(PDF|JPG|PNG|MP4|MB|KB|CSV|JSON|XLSX|SHA|JWS|X|ICP|APP|API|QR|HTTPS?|TLS|GF|ZIP|ID"
    r"|otsp|verify|receipt|jwks|keys|json|csv|xlsx)(?![A-Za-z])",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"[A-Za-z]{3,}")
_RULE = re.compile(r"\b[A-Z]{3}-\d{3}\b")
_NUMBER = re.compile(r"\b(?=[0-9A-Z]*\d)[0-9A-Z]{15,}\b")
_CODES = frozenset({"code", "kbd", "samp", "script", "style", "template", "textarea"})


MOST_ROUNDS = 2
"""To the API, one after the other: what a page may wait for."""


def rounds_told(headers: Mapping[str, str]) -> int:
    """How many an answer says that it waited for; `headers` by any case, or in small letters."""
    told = re.fullmatch(r'api;desc="(\d+)"', headers["server-timing"])
    if told is None:
        raise ValueError(headers["server-timing"])
    return int(told[1])


def numbered(name: str) -> str:
    """It with six digits behind it, which make it a name of this test alone.

    Digits only: of six hexadecimal ones one in six has three letters in a row, which is English.
    """
    return f"{name}{new_id().int % 1_000_000:06}"


@dataclass(slots=True)
class Form:
    """A form as it stands in a page: where it goes, and what a browser would send with it."""

    told: Mapping[str, str]
    values: dict[str, list[str]] = field(default_factory=dict)

    def note(self, told: Mapping[str, str], value: str) -> None:
        if told.get("name") and "disabled" not in told:
            self.values.setdefault(told["name"], []).append(value)


@dataclass(slots=True)
class Page(HTMLParser):
    """A page, read once. `texts` are what a person reads, codes and numbers left out."""

    html: str
    ids: Counter[str] = field(default_factory=Counter)
    labels: set[str] = field(default_factory=set)
    controls: list[dict[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    title: str = ""
    language: str = ""
    texts: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    _open: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _heading: list[str] | None = None
    _form: Form | None = None

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._note(tag, told)
        if tag not in _VOID:
            self._open.append((tag, told))

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1" and self._heading is not None:
            self.headings.append("".join(self._heading).strip())
            self._heading = None
        if tag == "form":
            self._form = None
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _told in self._open]
        if "title" in tags and "svg" not in tags:
            self.title += data
        if self._heading is not None:
            self._heading.append(data)
        if self._form and tags and tags[-1] == "textarea":
            self._form.note(self._open[-1][1], data.removeprefix("\n"))
        is_code = any(tag in _CODES for tag in tags) or any(
            {"mono", "num", "who"} & set(told.get("class", "").split()) for _tag, told in self._open
        )
        if data.strip() and not is_code:
            self.texts.append(data.strip())

    def faults(self) -> list[str]:
        """What is wrong with it, in words; empty for a sound page."""
        return [
            *self._faults_of_the_head(),
            *(f"id {name!r} {count} times" for name, count in self.ids.items() if count > 1),
            *(f"no label: {each}" for each in self.controls if not self._has_label(each)),
            *(
                f"form without action: {each.told}"
                for each in self.forms
                if not each.told.get("action")
            ),
            *(f"inline {each}" for each in self.inline),
            *(f"English: {text!r}" for text in self.texts if _is_english(text)),
        ]

    def _faults_of_the_head(self) -> list[str]:
        told = []
        if self.language != "zh-CN":
            told.append(f"lang is {self.language!r}")
        if len(self.headings) != 1:
            told.append(f"{len(self.headings)} h1: {self.headings}")
        if not self.title.strip().endswith(PLATFORM):
            told.append(f"title {self.title!r} does not end with the platform's name")
        return told

    def _note(self, tag: str, told: dict[str, str]) -> None:
        if "id" in told:
            self.ids[told["id"]] += 1
        if "style" in told or any(name.startswith("on") for name in told):
            self.inline.append(f"{tag} {told}")
        if tag == "html":
            self.language = told.get("lang", "")
        elif tag == "h1":
            self._heading = []
        elif tag == "label" and "for" in told:
            self.labels.add(told["for"])
        elif tag == "a" and "href" in told:
            self.links.append(told["href"])
        else:
            self._note_of_forms(tag, told)

    def _note_of_forms(self, tag: str, told: dict[str, str]) -> None:
        if tag == "form":
            self._form = Form(told)
            self.forms.append(self._form)
        elif tag in ("input", "select", "textarea"):
            wrapped = any(each == "label" for each, _ in self._open)
            if told.get("type") not in _UNLABELLED and not wrapped:
                self.controls.append(told)
            if self._form and tag == "input" and _is_sent(told):
                self._form.note(told, told.get("value", "on"))
        elif tag == "option" and self._form and "selected" in told:
            select = next(each for name, each in reversed(self._open) if name == "select")
            self._form.note(select, told.get("value", ""))

    def form(self, path: str) -> Form:
        """The one that goes to that path, by whichever way: with files or without."""
        for each in self.forms:
            if each.told.get("action") in (path, f"{path}/files"):
                return each
        raise LookupError(path, [each.told for each in self.forms])

    def _has_label(self, control: dict[str, str]) -> bool:
        return control.get("id") in self.labels or "aria-label" in control


def _is_sent(told: Mapping[str, str]) -> bool:
    kind = told.get("type", "text")
    if kind in ("checkbox", "radio"):
        return "checked" in told
    return kind not in ("submit", "button", "file", "image", "reset")


def _is_english(text: str) -> bool:
    text = _NUMBER.sub("", _RULE.sub("", text))
    plain = re.sub(r"https?://\S+|\S+@\S+|[\w.-]+\.(?:json|csv|xlsx|pdf)", "", text)
    return bool(_ENGLISH.search(_ENGLISH_ALLOWED.sub("", plain)))
