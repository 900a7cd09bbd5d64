"""A case as its reviewer sees it: how it stands, who holds it, what may be done and why not.

Pure: the platform's answers come in. What it may be wrong about the platform refuses with its own
words; nothing is offered here that is known to be refused.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from otsp_portal.formatters import short_day
from otsp_portal.identity import Person
from otsp_portal.texts import Tone, state_text, state_tone, text
from otsp_portal.words import word

Json = Any
Reason = tuple[str, str, str]
"""A sentence, and where it is cured: address and word of the link, or both empty."""

APPLICATIONS: Final = ("compliance", "deregistration")
_ENDINGS: Final[Mapping[str, tuple[str, Tone]]] = {
    "approved": ("st.app.approved", "ok"),
    "returned": ("st.app.returned", "warn"),
    "rejected": ("st.app.rejected", "bad"),
    "withdrawn": ("st.app.withdrawn", "neutral"),
    "lapsed": ("st.app.lapsed", "neutral"),
}


_CONSEQUENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "approve": {
        "compliance": "desk.approve.then",
        "deregistration": "desk.approve.then.deregistration",
        "registration": "desk.approve.then.registration",
        "external_review": "desk.approve.then.external_review",
    },
    "return": {
        "compliance": "desk.return.then",
        "registration": "desk.return.then.registration",
        "external_review": "desk.return.then.external_review",
    },
    "reject": {
        "compliance": "desk.reject.then",
        "registration": "desk.reject.then.registration",
        "external_review": "desk.reject.then.external_review",
    },
}
"""What follows from an outcome, by the kind of case; deregistrations as applications else."""


@dataclass(frozen=True, slots=True)
class Tag:
    word: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to end the step, what follows from it, and why it is not to be had."""

    code: str
    word: str
    consequence: str
    reasons: Sequence[Reason] = ()

    @property
    def is_open(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """What the pages of one case are made from."""

    case: Mapping[str, Json]
    person: Person
    application: Mapping[str, Json] | None = None
    clock: Mapping[str, Json] | None = None
    notices: Sequence[Mapping[str, Json]] = ()
    reviewer_count: int = 0
    holders: Sequence[Mapping[str, Json]] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Account → name of everybody who reviews here."""
    read: Collection[str] = ()
    answered: Collection[str] = field(default=())

    @property
    def path(self) -> str:
        return f"/desk/cases/{self.case['case_id']}"

    @property
    def is_application(self) -> bool:
        return self.case["kind"] in APPLICATIONS

    @property
    def is_open(self) -> bool:
        return bool(self.case["state"] == "open")

    @property
    def step(self) -> Mapping[str, Json]:
        steps: Sequence[Mapping[str, Json]] = self.case["steps"]
        return next((each for each in steps if each["step_no"] == self.case["step_no"]), {})

    @property
    def lies_here(self) -> bool:
        return self.is_open and self.case["authority_id"] == self.person.authority_id

    @property
    def is_head(self) -> bool:
        return self.person.role == "region_admin"

    @property
    def is_mine(self) -> bool:
        return bool(self.case["assignee_id"] == self.person.account_id)

    @property
    def is_held(self) -> bool:
        return self.case["assignee_id"] is not None

    @property
    def awaits_acceptance(self) -> bool:
        """Nobody of this authority has taken the step up."""
        return self.is_application and self.is_open and not self.step.get("accepted_on")

    def who(self, account_id: str | None) -> str:
        return holder(account_id, self.person, self.names)

    @property
    def title(self) -> str:
        return str(self.case["institution_name"] or self.case["title"])

    @property
    def number(self) -> str:
        return str(self.case["details"].get("seq_no") or "")

    @property
    def findings(self) -> Mapping[str, Sequence[Mapping[str, Json]]]:
        return self.application["findings"] if self.application else {}

    @property
    def warnings(self) -> Sequence[Mapping[str, Json]]:
        """Every finding that has to be read before an approval, each rule once."""
        told = [*self.findings.get("warnings", ()), *self.findings.get("data", ())]
        return [each for each in told if each["severity"] == "W"]

    @property
    def exceptions(self) -> Sequence[Mapping[str, Json]]:
        """What the institution asked to be excused from."""
        return self.findings.get("excused", ())

    @property
    def unread(self) -> list[str]:
        return [each["rule_id"] for each in self.warnings if each["rule_id"] not in self.read]

    @property
    def unanswered(self) -> list[str]:
        return [each["rule_id"] for each in self.exceptions if each["rule_id"] not in self.answered]

    @property
    def running_clock(self) -> Mapping[str, Json] | None:
        """The period that runs, else the last one."""
        clocks: Sequence[Mapping[str, Json]] = (self.clock or {}).get("clocks", ())
        running = [each for each in clocks if not each["ended_on"]]
        told = running or list(clocks)
        return told[-1] if told else None

    @property
    def open_pause(self) -> Mapping[str, Json] | None:
        pauses = (self.running_clock or {}).get("pauses", ())
        return next((each for each in pauses if not each["ended_on"]), None)


def seal_of(application: Mapping[str, Json] | None) -> str:
    """The digest of what was filed; empty while answers are gathered and nothing is sealed."""
    snapshot = (application or {}).get("snapshot") or {}
    return str(snapshot.get("sha256", ""))


def state_tag(case: Mapping[str, Json]) -> Tag:
    """Where a case stands, in the words of the authority."""
    if case["state"] != "open":
        key, tone = _ENDINGS[case["decision"]]
        return Tag(state_text(key, "authority"), tone)
    state = case["application_state"]
    if state in ("submitted", "in_review", "supplementing"):
        return Tag(state_text(f"app.{state}", "authority"), state_tone(f"app.{state}"))
    if state:
        return Tag(text("desk.rechecking"), "info")
    return Tag(text("desk.open"), "info")


def due_tag(case: Mapping[str, Json]) -> Tag:
    """How near the due day is; a grey day while there is time."""
    left, light = case["working_days_left"], case["light"]
    if light is None or case["due_on"] is None:
        return Tag("—", "neutral")
    if light == "paused":
        return Tag(text("desk.paused"), "info")
    if left < 0:
        return Tag(text("desk.late", n=-left), "bad")
    if left == 0:
        return Tag(text("desk.today"), "bad")
    if light in ("amber", "red"):
        return Tag(text("desk.left", n=left), "warn")
    return Tag(short_day(case["due_on"]), "neutral")


def matter(case: Mapping[str, Json]) -> str:
    """事项: what kind of case, and of an application which."""
    if case["application_kind"]:
        return word(case["application_kind"], "compliance.KINDS_ZH")
    return word(case["kind"], "desk.case_kind")


def holder(account_id: str | None, person: Person, names: Mapping[str, str]) -> str:
    """承办人: oneself, a colleague by name; who has no name there, by the end of the account, as on
    the watermark of files.
    """
    if account_id is None:
        return text("desk.holder.nobody")
    if account_id == person.account_id:
        return text("desk.holder.me")
    return names.get(account_id) or text("desk.holder.colleague", tail=account_id[-4:])


def choices(file: CaseFile) -> list[Choice]:
    """The ways to end the step, each with why it is not to be had now."""
    common = blockers(file)
    told = [
        Choice(
            "approve",
            text("desk.approve" if _is_last(file) else "desk.approve.step"),
            _then(file, "approve") if _is_last(file) else text("desk.approve.step.then"),
            [*common, *(_before_approval(file) if not common else ())],
        )
    ]
    if file.is_application:
        told.append(Choice("notice", text("desk.notice"), _notice_then(file), common))
    told += [
        Choice("return", text("desk.return"), _then(file, "return"), common),
        Choice("reject", text("desk.reject"), _then(file, "reject"), common),
    ]
    return told


def blockers(file: CaseFile) -> list[Reason]:
    """Why nothing at all can be decided here now; empty where it can."""
    if not file.is_open:
        return [(text("desk.why.decided"), "", "")]
    if not file.lies_here:
        authority = file.step.get("authority") or text("desk.why.nobody")
        return [(text("err.case.other", authority=authority), "", "")]
    state = file.case["application_state"]
    if state == "submitted":
        return [(text("desk.why.accept"), f"{file.path}/acceptance", text("btn.accept"))]
    if file.is_application and state != "in_review":
        return [(text("desk.why.waiting"), f"{file.path}/notice", text("desk.why.waiting.link"))]
    if file.is_held and not file.is_mine and not _is_second(file):
        until = short_day(file.case["leased_until"])
        sentence = text("desk.why.held", until=until)
        return [(sentence, f"{file.path}/takeover", text("btn.takeover"))]
    return []


def _before_approval(file: CaseFile) -> list[Reason]:
    told: list[Reason] = []
    findings = f"{file.path}/findings"
    if file.unread:
        told.append((text("desk.why.unread", n=len(file.unread)), findings, text("desk.to.read")))
    if file.unanswered:
        sentence = text("desk.why.exceptions", n=len(file.unanswered))
        told.append((sentence, findings, text("desk.to.answer")))
    if file.is_application and file.reviewer_count > 1:
        if file.awaits_acceptance:
            told.append((text("desk.why.take_up"), f"{file.path}/acceptance", text("btn.accept")))
        elif _only_i_held_it(file):
            told.append((text("desk.why.four_eyes"), "", ""))
    return told


def _only_i_held_it(file: CaseFile) -> bool:
    """Then it was I who took the step up; where others held it too, the platform knows."""
    held = {
        each["account_id"]
        for each in file.holders
        if each["account_id"] and each["step_no"] == file.case["step_no"]
    }
    return held == {file.person.account_id}


def _is_second(file: CaseFile) -> bool:
    """Where four eyes are owed the second person need not take the case over from the first."""
    return file.is_application and file.reviewer_count > 1 and not file.awaits_acceptance


def _is_last(file: CaseFile) -> bool:
    return bool(file.case["step_no"] >= file.case["step_count"])


def _notice_then(file: CaseFile) -> str:
    given = any(each["step_no"] == file.case["step_no"] for each in file.notices)
    return text("err.notice.twice" if given else "desk.notice.then")


def _then(file: CaseFile, code: str) -> str:
    return text(_CONSEQUENCES[code].get(file.case["kind"], f"desk.{code}.then"))
