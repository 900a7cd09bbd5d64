"""`otsp republish`: what it tells, how it goes on, what it refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from otsp_auth.model import Authority
from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_cli.messages.desk import operator
from otsp_contracts.auth import AuthorityChanged
from otsp_contracts.institution import ProfileChanged
from otsp_institution.model import Institution


@pytest.fixture
def authorities(kits):
    """Three, of which the first was last touched a month ago."""
    ids = [new_id() for _ in range(3)]
    with kits["auth"].active(), transaction() as tx:
        tx.add_all(
            Authority(
                authority_id=each, name=f"示例教育局{number}", level="county",
                department="education", region_code=f"33010{number}", parent_region_code="330100",
                is_active=True,
            )
            for number, each in enumerate(ids, start=1)
        )  # fmt: skip
        tx.flush()
        is_first = Authority.authority_id == ids[0]
        month_ago = clock.now() - timedelta(days=30)
        tx.execute(update(Authority).where(is_first).values(updated_at=month_ago))
    return [str(each) for each in ids]


def told_of(kits):
    return [envelope.subject for envelope in kits["auth"].published(AuthorityChanged)]


def test_all_is_told_and_counted(otsp, kits, authorities):
    told = otsp("republish", "auth", "--reason", "copies lost")

    assert told.code == 0
    assert told.out == (
        "auth: 3 told of 3 authorities (auth.authority_changed.v1)\n"
        "auth: 0 told of 0 delegations (auth.delegation_changed.v1)\n"
        "auth: 0 told of 0 recoveries (auth.recovery_request_changed.v1)\n"
    )
    assert told_of(kits) == authorities
    line = told.logged[0]
    assert (line["event"], line["count"], line["service"]) == ("events_republished", 3, "auth")
    row = audit_entry.c
    with kits["auth"].runtime.database.autocommit.connect() as reader:
        entries = set(reader.execute(select(row.role, row.reason)).all())
    assert entries == {(f"operator:{operator()}", "copies lost")}


def test_progress_is_on_standard_error_with_where_to_go_on(otsp, authorities):
    told = otsp("republish", "auth")

    assert "authorities: 0/3 0 %\n" in told.err
    assert f"authorities: 3/3 100 %  --after authorities:{authorities[2]}\n" in told.err


def test_it_goes_on_behind_a_cursor(otsp, kits, authorities):
    told = otsp("republish", "auth", "--after", f"authorities:{authorities[1]}", "--json")

    assert told_of(kits) == authorities[2:]
    row, *others = told.rows
    assert [each["told"] for each in others] == [0, 0]
    assert (row["total"], row["told"]) == (1, 1)
    assert row["cursor"] == f"authorities:{authorities[2]}"


def test_since_a_day_only_what_changed_then(otsp, kits, authorities):
    day = clock.now().astimezone(clock.SHANGHAI).date()

    otsp("republish", "auth", "--since", day.isoformat())

    assert told_of(kits) == authorities[1:]


def test_dry_run_publishes_nothing(otsp, kits, authorities):
    told = otsp("republish", "auth", "--dry-run")

    assert told.out.startswith(
        "auth: 3 would be told of 3 authorities (auth.authority_changed.v1)\n"
    )
    assert told_of(kits) == []
    assert told.logged == []


def test_draft_that_is_not_whole_is_not_told(otsp, kits):
    kit, whole = kits["institution"], new_id()
    with kit.active(), transaction() as tx:
        tx.add(Institution(institution_id=new_id()))
        tx.add(
            Institution(
                institution_id=whole, name="示例", region_code="330106", categories=["subject"],
                delivery_modes=["offline"], stages=["primary"], legal_nature="non_profit",
            )
        )  # fmt: skip

    told = otsp("republish", "institution")

    assert "1 told of 2 institutions" in told.out
    assert [each.subject for each in kit.published(ProfileChanged)] == [str(whole)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "service"),
        (["stuff"], "invalid choice"),
        (["auth", "--since", "yesterday"], "write 2024-10-15"),
        (
            ["auth", "--after", "0199c1a0"],
            "is no cursor of this service (authorities, delegations, recoveries)",
        ),
        (["auth", "--after", "authorities:x"], "is not what this command prints"),
        (["auth", "--reason", " "], "say why"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_2(otsp, kits, arguments, words):
    told = otsp("republish", *arguments)

    assert told.code == 2
    assert words in told.err
    assert kits["auth"].published() == []


def test_interrupted_it_says_where_to_go_on_and_what_was_told_stays_told(
    otsp, kits, authorities, monkeypatch
):
    from otsp_cli.messages.republish import ProgressLine

    def interrupt(_, progress):
        if progress.told:
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressLine, "show", interrupt)

    told = otsp("republish", "auth")

    assert told.code == 130
    assert f"go on with --after authorities:{authorities[2]}" in told.err
    assert told_of(kits) == authorities
