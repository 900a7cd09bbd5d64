"""docs/texts.md: every text that people are sent, for carriers that want them registered."""

import inspect
from collections.abc import Callable, Iterator

from otsp_auth.rules import wording

_HEAD = """# Texts and mails

Every message that the platform sends, with its parts in braces. Chinese carriers take texts only
when their templates were registered (模板报备): register these. As a mail a message has its
subject; the name is the function in `otsp_auth.rules.wording`.
This page is written by `./dev export-docs` from the code.

| name | subject of a mail | text |
|---|---|---|
"""


def texts_page() -> str:
    return _HEAD + "".join(
        f"| `{name}` | {subject} | {text} |\n" for name, subject, text in _rows()
    )


def _rows() -> Iterator[tuple[str, str, str]]:
    """In the order of the module."""
    for one in sorted(_wordings(), key=lambda each: each.__code__.co_firstlineno):
        parts = {name: f"{{{name}}}" for name in inspect.signature(one).parameters}
        told: wording.Wording = one(**parts)
        yield one.__name__, told.subject, told.text


def _wordings() -> list[Callable[..., wording.Wording]]:
    return [
        one
        for name, one in inspect.getmembers(wording, inspect.isfunction)
        if one.__module__ == wording.__name__ and not name.startswith("_")
    ]
