"""What the probe says of an application without a receipt, and of a receipt that proves nothing."""

import json

import pytest

from otsp_cli import probe


class Answers:
    """A session, or a gateway, that answers the same each time."""

    def __init__(self, told):
        self._told = told

    def get(self, _path):
        return self._told


@pytest.mark.parametrize("listed", [[], [{"kind": "decision", "receipt_no": "TJ1"}]])
def test_an_application_without_a_receipt_of_its_filing_is_a_fault(listed):
    session = Answers({"items": listed})

    receipt_no = probe._receipt_no(session, "an-application")

    assert receipt_no is None
    assert "no receipt of its filing" in probe._fault(Answers(None), session, receipt_no)


def test_a_receipt_that_nobody_signed_is_a_fault(key_files):
    session = Answers({"jws": "e30.e30.e30", "parts": []})
    published = Answers(json.loads(key_files.receipt_public.read_text(encoding="utf-8")))

    assert "does not hold" in probe._fault(published, session, "TJ1")
    assert "holds no public keys" in probe._fault(Answers({"keys": []}), session, "TJ1")
