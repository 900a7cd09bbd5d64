"""One button, pressed: the next page tells what came of it, or a fault is a page of its own."""

import pytest
from flask import get_flashed_messages

from otsp_portal.forms.button import press
from otsp_portal.gateway_client import Answer, Refusal, SessionEnded

DONE = Answer(status=204, body=None, etag=None, location=None)


def refused(status, kind=Refusal):
    def send():
        raise kind(status, {"detail": "该机构已在审核中，请先撤回。"}, None)

    return send


@pytest.fixture(autouse=True)
def pressed(frame):
    with frame.test_request_context("/"):
        yield


def test_a_success_is_told_by_the_words_that_were_asked_for():
    assert press(lambda: DONE, said="ok.save") is DONE

    ((kind, words),) = get_flashed_messages(with_categories=True)
    assert (kind, words) == ("ok", "已保存。")


def test_a_success_without_words_tells_nothing():
    assert press(lambda: DONE) is DONE
    assert get_flashed_messages() == []


@pytest.mark.parametrize("status", [400, 409, 412, 422, 429])
def test_a_refusal_is_told_in_the_words_of_the_platform(status):
    assert press(refused(status), said="ok.save") is None

    assert get_flashed_messages(with_categories=True) == [("bad", "该机构已在审核中，请先撤回。")]


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_what_is_no_refusal_of_this_one_thing_is_raised(status):
    with pytest.raises(Refusal):
        press(refused(status))
    assert get_flashed_messages() == []


def test_the_end_of_the_session_is_raised():
    with pytest.raises(SessionEnded):
        press(refused(401, SessionEnded))
