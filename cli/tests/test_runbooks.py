"""Every command of ours that a runbook has somebody type does its work on six databases."""

from datetime import timedelta

import pytest

from otsp_chassis import audit, clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.inbox import BACK_OFF_SECONDS
from otsp_contracts.compliance import SnapshotRequested
from otsp_contracts.envelope import Envelope
from otsp_local.environment import ROOT
from otsp_testkit.runbooks import GIVEN, otsp_commands, typed

ELSEWHERE = {
    "--broker": "cli/tests/test_dead_letters.py",
    "verify-log": "cli/tests/test_verify_log.py",
    "verify": "cli/tests/test_verify.py",
    "backup": "tests/flows/test_backup.py",
}
"""Words of commands that need a broker, a site, a receipt or a store → where they are run."""

REDRIVING = sorted(
    {page for page, line in otsp_commands() if " redrive " in line and " --broker" not in line}
)


@pytest.fixture
def dead(kits):
    """Two events that staff and courses gave up: what they hold is nothing that they know."""
    asked = SnapshotRequested(
        request_id=new_id(), institution_id=new_id(), purpose="self_check", application_id=None,
        as_of=clock.today(), sections=("staff",),
    )  # fmt: skip
    told = [Envelope.around(asked, id=new_id(), time=clock.now()) for _ in range(2)]
    for name in ("staff", "courses"):
        inbox, later = kits[name].work.inbox, clock.now()
        for envelope in told:
            inbox.receive(envelope.model_copy(update={"data": {}}))
        for pause in BACK_OFF_SECONDS:
            later += timedelta(seconds=pause + 1)
            with clock.frozen(later):
                inbox.retry_due()
    return str(told[0].id)


@pytest.fixture
def sealed(kits):
    """Something stands in a trail, and is sealed."""
    with kits["auth"].active(), transaction() as tx:
        audit.record(tx, "test.noted", object_type="test", object_id="1")
    kits["auth"].run_job("seal_audit_trail")


@pytest.mark.usefixtures("sealed")
def test_each_command_ends_well(otsp, kits, dead, monkeypatch, tmp_path):
    heads = tmp_path / "heads.txt"
    heads.write_text(otsp("verify-audit").out, encoding="utf-8")
    for name, kit in kits.items():
        monkeypatch.setenv(f"OTSP_{name.upper()}_MIGRATION_DATABASE_URL", kit.owner_url)
    given = GIVEN | {"$EVENT_ID": dead, "heads.txt": str(heads), "> heads-before.json": ""}
    wanted = dict.fromkeys(tuple(typed(line, given)[1:]) for _, line in otsp_commands())
    ours = [words for words in wanted if not {*ELSEWHERE, "redrive"} & set(words)]

    ended = {words: otsp(*words) for words in ours}

    assert len(ours) > 20
    what_finds = {words[:2] for words, told in ended.items() if told.code == 1}
    assert {words for words in what_finds if words[0] != "stuck"} == {("dead-letters", "list")}
    assert {words: told for words, told in ended.items() if told.code not in (0, 1)} == {}
    assert any(dead in told.out for words, told in ended.items() if words[1] == "list")


@pytest.mark.parametrize("page", REDRIVING)
def test_letters_are_redriven_in_the_order_of_the_page(otsp, dead, page):
    """One looks, then tries one, then the rest."""
    given = GIVEN | {"$EVENT_ID": dead}
    lines = [typed(line, given)[1:] for name, line in otsp_commands() if name == page]
    ours = [words for words in lines if not ELSEWHERE.keys() & set(words)]

    ended = [(words, otsp(*words).code) for words in ours]

    assert [code for words, code in ended if "redrive" in words] != []
    assert [
        words for words, code in ended if code != 0 and not {"list", "stuck"} & set(words)
    ] == []


def test_what_is_run_elsewhere_is_run_there():
    for word, file in ELSEWHERE.items():
        assert f'"{word}"' in (ROOT / file).read_text(encoding="utf-8")
