"""What a reviewer noted survives between pages, for that person, that case and that snapshot."""

import secrets
from types import SimpleNamespace

import pytest
from flask import Response, g

from otsp_portal.working_notes import Item, Notes, TooLong

PATH = "/desk/cases/c1"


@pytest.fixture
def visit(frame):
    frame.config["OTSP_SECRET_KEYS"] = ["a key that only this test knows"]
    frame.config["SESSION_COOKIE_SECURE"] = False

    def visited(act, account="me", cookies=""):
        with frame.test_request_context(PATH, headers={"Cookie": cookies}):
            g.person = SimpleNamespace(account_id=account)
            told = act()
            answer = frame.process_response(Response())
        pairs = (each.split(";")[0] for each in answer.headers.getlist("Set-Cookie"))
        return told, "; ".join(each for each in pairs if "=" in each), answer

    return visited


def _kept(visit, notes):
    return visit(lambda: notes.keep(PATH))


def test_notes_come_back_to_whom_they_belong_and_nobody_else(visit):
    notes = Notes("seal", read=["SIT-006"], answers={"STF-003": "情况属实"}, reason="同意")
    _, cookies, answer = _kept(visit, notes)

    mine, *_ = visit(lambda: Notes.of("seal"), cookies=cookies)
    theirs, *_ = visit(lambda: Notes.of("seal"), account="another", cookies=cookies)

    assert mine == notes
    assert theirs == Notes("seal")
    assert "情况属实" not in cookies
    assert all(
        f"Path={PATH}" in each and "HttpOnly" in each
        for each in answer.headers.getlist("Set-Cookie")
    )


def test_another_round_is_read_anew_and_keeps_what_was_written(visit):
    notes = Notes("old", read=["SIT-006"], reason="同意", items=[Item(kind="document")])
    _, cookies, _ = _kept(visit, notes)

    again, *_ = visit(lambda: Notes.of("new"), cookies=cookies)

    assert again.read == []
    assert again.reason == "同意"
    assert again.items == [Item(kind="document")]


def test_a_forged_note_is_no_note(visit):
    forged, *_ = visit(lambda: Notes.of("seal"), cookies="otsp_notes_0=abc; otsp_notes_1=")

    assert forged == Notes("seal")


def test_more_than_a_browser_keeps_is_refused_and_not_cut(visit):
    with pytest.raises(TooLong):
        _kept(visit, Notes("seal", reason=secrets.token_hex(6000)))


def test_an_item_goes_out_without_what_only_people_read():
    item = Item(kind="document", part="sites", rule_id="SIT-006", basis="x", place_zh="办学点")

    assert item.body() == {"kind": "document", "part": "sites", "rule_id": "SIT-006"}
