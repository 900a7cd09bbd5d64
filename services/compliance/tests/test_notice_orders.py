"""Whatever reviewer and institution do, in whatever order: one notice a round, no lock too many.

Events of the owners' locks are applied to a lock of our own, out of order and twice.
"""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.locks import Opening, clear_lock, guard_write, set_lock
from otsp_chassis.problems import Locked
from otsp_chassis.tables import review_lock
from otsp_compliance.rules.states import FINAL
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested, SupplementRequested

ORDERS = 3
"""Each takes about a second; 25 of them were tried."""
ITEM = {
    "kind": "wrong_value",
    "part": "licence",
    "pointer": "/issuer_name",
    "basis": "条例",
    "cure_zh": "更正",
}
ACTIONS = (
    "give", "give", "answer", "answer", "correct", "break_rule", "mend", "hand_in", "hand_in",
    "lose_sections", "withdraw", "wait", "return",
)  # fmt: skip


class Life:
    """One application; `may_give` says whether the law allows another notice."""

    def __init__(self, world, kit, reviewer):
        self.world, self.kit, self.reviewer = world, kit, reviewer
        world.profile()
        self.application_id = world.filed(acknowledged_warnings=["SIT-006"])
        world.provide()
        self.case = f"{world.api}/cases/{world.application(self.application_id)['case_id']}"
        assert reviewer.post(f"{self.case}/acceptance", {}).status == 200
        self.place = f"{world.api}/applications/{self.application_id}"
        self.licence = world.sections["A"]["institution"]["licence"]
        self.noticed = self.judged = None

    @property
    def state(self):
        return self.world.state(self.application_id)

    def notices(self):
        return self.world.institution().get(f"{self.place}/notices").json["items"]

    def give(self):
        is_first = self.noticed is None
        allowed = self.state == "in_review" and (is_first or self.judged != self.noticed)
        given = self.reviewer.post(f"{self.case}/notices", {"items": [ITEM]})
        assert (given.status == 201) is allowed, given.json
        if allowed:
            self.noticed = self.judged = self.judged or self.licence["issuer_name"]

    def answer(self):
        for notice in self.notices()[-1:]:
            item = notice["items"][0]
            path = f"{self.place}/notices/{notice['notice_id']}/items/{item['item_id']}/answer"
            waits = self.state == "supplementing"
            put = self.world.institution().put(path, {"text": "已更正"}, if_match=item["version"])
            assert (put.status == 200) is waits

    def correct(self):
        if self.state == "supplementing":
            self.licence["issuer_name"] += "改"

    def break_rule(self):
        if self.state == "supplementing":
            self.licence["valid_to"] = "2024-01-01"

    def mend(self):
        self.licence["valid_to"] = "2027-06-30"

    def hand_in(self, *, provide=True):
        notices = self.notices()
        is_answered = bool(notices) and notices[-1]["items"][0]["answer"] is not None
        allowed = self.state == "supplementing" and is_answered
        handed = self.world.institution().post(f"{self.place}/resubmission", None)
        assert (handed.status == 202) is allowed, handed.json
        if not allowed:
            return
        if provide:
            self.world.provide()
        if self.state == "awaiting_acknowledgement":
            asked = {"rule_ids": self.world.application(self.application_id)["to_acknowledge"]}
            self.world.institution().post(f"{self.place}/acknowledgements", asked)
        if self.state == "in_review":
            self.judged = self.licence["issuer_name"]

    def lose_sections(self):
        self.hand_in(provide=False)
        if self.state == "gathering":
            with clock.frozen(clock.now() + timedelta(minutes=5)):
                self.kit.run_job("chase_sections")

    def withdraw(self):
        self.world.institution().post(f"{self.place}/withdrawal", None)

    def wait(self):
        with clock.frozen(clock.now() + timedelta(days=40)):
            self.kit.run_job("lapse_unanswered_notices")

    def decide_return(self):
        body = {"decision": "return", "reason": "未按要求补正"}
        self.reviewer.post(f"{self.case}/decisions", body)

    def act(self, action):
        getattr(self, "decide_return" if action == "return" else action)()

    def check(self, random):
        state, notices = self.state, self.notices()
        waiting = [each for each in notices if each["answered_on"] is None]
        assert len(waiting) == (state == "supplementing" or (bool(waiting) and state in FINAL))
        assert [each["round"] for each in notices] == list(range(1, len(notices) + 1))
        self.hear(random)
        named, other = self.is_writable("licence"), self.is_writable("party")
        assert other is (state in FINAL), state
        assert named is (state in FINAL or state == "supplementing"), state

    def hear(self, random):
        """Everything that the owners of the data were told, mixed up and partly twice."""
        own = [
            each.payload()
            for kind in (SnapshotRequested, SupplementRequested, ReviewUnlocked)
            for each in self.kit.published(kind)
            if each.payload().institution_id == self.world.institution_id
        ]
        own += random.sample(own, len(own) // 2)
        random.shuffle(own)
        with self.kit.active(), transaction() as tx:
            tx.execute(delete(review_lock))
            for event in own:
                lock = {
                    "institution_id": event.institution_id,
                    "application_id": event.application_id,
                }
                if isinstance(event, ReviewUnlocked):
                    clear_lock(tx, **lock)
                    continue
                unlocked = getattr(event, "unlocked", ())
                openings = [Opening(each.part, each.object_id, each.part) for each in unlocked]
                lock |= {"version": event.version, "openings": openings}
                set_lock(tx, **lock, scopes=["institution"])

    def is_writable(self, part):
        try:
            with self.kit.active(), transaction() as tx:
                guard_write(tx, self.world.institution_id, "institution", part=part)
        except Locked:
            return False
        return True


@pytest.fixture
def bureau(world):
    return world.configure().authority("杭州市西湖区教育局")


def test_in_any_order_one_notice_a_round_and_no_lock_too_many(
    world, kit, sections, bureau, filing_day
):
    reviewer = world.reviewer(bureau)

    @settings(
        max_examples=ORDERS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=9), st.integers(0, 2**16))
    def live(actions, seed):
        life, random = Life(type(world)(kit, sections), kit, reviewer), Random(seed)
        for action in actions:
            life.act(action)
            life.check(random)

    with clock.frozen(filing_day):
        live()
