"""`otsp verify-audit`: what it says of trails whole and broken, and of heads that were kept."""

import psycopg
import pytest

from otsp_chassis import audit
from otsp_chassis.db import transaction


@pytest.fixture
def trails(kits):
    """Three entries of staff in two batches, one of auth, none elsewhere."""
    for name, count in (("staff", 2), ("auth", 1), ("staff", 1)):
        for _ in range(count):
            with kits[name].active(), transaction() as tx:
                audit.record(tx, "test.noted", object_type="test", object_id="1")
        kits[name].run_job("seal_audit_trail")
    return kits


def change(kits, statement):
    with psycopg.connect(kits["staff"].owner_url) as owner:
        owner.execute(statement)


def test_whole_trails_of_all_six_are_told_with_their_heads(otsp, trails):
    told = otsp("verify-audit", "--json")

    rows = {row["service"]: row for row in told.rows}
    assert told.code == 0
    assert len(rows) == 6
    assert all(row["is_whole"] for row in rows.values())
    assert {name: row["sealed"] for name, row in rows.items() if row["sealed"]} == {
        "staff": 3,
        "auth": 1,
    }
    assert rows["staff"]["head"].startswith("staff:3:")
    assert rows["courses"]["head"] is None


def test_for_people_it_is_a_line_and_progress_on_standard_error(otsp, trails):
    told = otsp("verify-audit", "staff")

    summary, head = told.out.splitlines()
    assert summary == "staff: whole; 3 entries sealed, 0 not yet"
    assert head.startswith("  head staff:3:")
    assert "100 %  staff: 3/3\n" in told.err


def test_what_is_broken_is_named_with_its_place_and_exit_code_1(otsp, trails):
    change(trails, "UPDATE audit_entry SET action = 'test.nothing' WHERE sequence = 2")

    told = otsp("verify-audit", "auth", "staff")

    assert told.code == 1
    assert "auth: whole; 1 entries sealed" in told.out
    assert "staff: BROKEN; 3 entries sealed" in told.out
    fault = "  position 2: entry_changed (entry 2): the row is not what was sealed"
    assert told.out.splitlines()[-1] == fault


def test_unsealed_tail_is_told_with_the_age_of_its_oldest(otsp, trails):
    with trails["staff"].active(), transaction() as tx:
        audit.record(tx, "test.noted", object_type="test", object_id="1")

    told = otsp("verify-audit", "staff", "--json")

    [row] = told.rows
    assert (told.code, row["sealed"], row["unsealed"]) == (0, 3, 1)
    assert 0 < row["oldest_unsealed_seconds"] < 60


@pytest.mark.parametrize("is_file", [True, False])
@pytest.mark.parametrize("is_json", [True, False])
def test_cut_tail_is_noticed_by_an_earlier_answer_that_was_kept(
    otsp, trails, tmp_path, is_file, is_json
):
    kept = otsp("verify-audit", *(["--json"] if is_json else [])).out
    if is_file:
        (tmp_path / "heads").write_text(kept, encoding="utf-8")
        kept = str(tmp_path / "heads")
    unharmed = otsp("verify-audit", "--expect-head", kept)
    change(trails, "DELETE FROM audit_entry WHERE sequence = 3")
    change(trails, "DELETE FROM audit_seal WHERE position = 3")
    change(trails, "DELETE FROM audit_head WHERE position = 3")

    cut = otsp("verify-audit", "staff", "--expect-head", kept, "--json")

    assert unharmed.code == 0
    assert cut.code == 1
    assert [fault["what"] for fault in cut.rows[0]["faults"]] == ["tail_cut"]
    assert otsp("verify-audit", "staff").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stuff"], "name services out of auth"),
        (["staff", "--expect-head", "staff:3:abc"], "no SERVICE:POSITION:SHA256 in staff:3:abc"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_2(otsp, trails, arguments, words):
    told = otsp("verify-audit", *arguments)

    assert told.code == 2
    assert words in told.err


@pytest.mark.parametrize(("value", "words"), [("", "is not set"), ("/no/file", "no JWKS file")])
def test_it_does_not_verify_without_keys_or_with_a_file_that_holds_none(
    otsp, trails, monkeypatch, value, words
):
    monkeypatch.setenv("OTSP_AUDIT_PUBLIC_KEYS", value)

    told = otsp("verify-audit", "staff")

    assert told.code == 2
    assert "OTSP_AUDIT_PUBLIC_KEYS" in told.err
    assert words in told.err


def test_it_needs_the_databases_addresses_and_the_public_keys_and_nothing_else(
    otsp, trails, without_keys
):
    told = otsp("verify-audit")

    assert told.code == 0
    assert "staff: whole; 3 entries sealed, 0 not yet" in told.out
