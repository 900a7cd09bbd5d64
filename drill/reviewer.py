"""A reviewer at work: takes cases up, returns most of them, approves some, rejects some."""

import random
import threading
from dataclasses import dataclass
from typing import Any, Protocol

from drill.client import Client, Command

Json = Any
CASES = "/api/compliance/v1/cases"
TASKS = "/api/compliance/v1/rectifications"
APPROVED = "approve"
BETWEEN_SECONDS = 0.5
REASON = "示例：演练中的审核意见"


class Shared(Protocol):
    """What reviewers ask before they approve."""

    def take_approval(self) -> bool: ...


@dataclass(slots=True, kw_only=True)
class Reviewer:
    """Who it reviews for withdraws at any time: refusals are part of the work."""

    client: Client
    second: Client
    """The colleague who approves what this one took up (four eyes)."""
    chance: random.Random
    progress: Shared
    is_closing: threading.Event
    between_seconds: float = BETWEEN_SECONDS

    def live(self) -> None:
        """Both are logged in already."""
        while not self.is_closing.wait(self.between_seconds):
            cases = self.client.get(f"{CASES}?state=open&kind=compliance&limit=50").body["items"]
            if cases:
                self._review(self.chance.choice(cases))
            for task in self.client.get(f"{TASKS}?status=open&limit=50").body["items"]:
                self._waive(task)

    def _review(self, case: dict[str, Json]) -> str:
        """What was decided, or was not to be decided any more."""
        facts = {"case_id": case["case_id"], "application_id": case["subject_id"]}
        path = f"{CASES}/{case['case_id']}"
        body = {"step_no": case["step_no"]}
        self.client.perform(
            Command("accept", "POST", f"{path}/acceptance", body, told=("state",), facts=facts)
        )
        decision = self._decision()
        told = {"decision": decision} | ({} if decision == APPROVED else {"reason": REASON})
        decider = self.second if decision == APPROVED else self.client
        decider.perform(
            Command(
                decision, "POST", f"{path}/decisions", told, told=("state", "decision"), facts=facts
            )
        )
        return decision

    def _waive(self, task: dict[str, Json]) -> None:
        """What a return orders keeps from filing again until somebody lets it go."""
        path = f"{TASKS}/{task['rectification_id']}/closure"
        facts = {"rectification_id": task["rectification_id"]}
        body = {"status": "waived", "note": REASON}
        self.client.perform(Command("waive", "POST", path, body, told=("status",), facts=facts))

    def _decision(self) -> str:
        drawn = self.chance.random()
        if drawn < 0.15 and self.progress.take_approval():
            return APPROVED
        return "return" if drawn < 0.8 else "reject"
