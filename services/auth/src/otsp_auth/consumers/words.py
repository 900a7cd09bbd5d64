"""What is told of an event, in words of `rules.news`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from otsp_auth.commands.notifications import Told
from otsp_auth.rules.news import APPLICATIONS_ZH, CASES_ZH
from otsp_chassis.inbox import Received


def news_of(
    event: Received[Any],
    kind: str,
    once: object,
    *,
    words: Mapping[str, object] | None = None,
    **about: UUID | None,
) -> Told:
    return Told(kind=kind, once=str(once), at=event.time, words=words or {}, about=about)


def case_zh(kind: str) -> str:
    return CASES_ZH.get(kind, "事项")


def application_zh(kind: str | None) -> str:
    return APPLICATIONS_ZH.get(kind or "", "申请")
