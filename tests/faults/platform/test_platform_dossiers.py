"""The broker is killed and comes back while a dozen institutions register and file."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.snapshots.dossier import parse_dossiers
from otsp_contracts.values import cnid_check_digit, uscc_check_digit
from otsp_local.environment import ROOT
from otsp_local.programs import SERVICES

SAMPLES = ROOT / "docs" / "samples.yaml"
COPIES = 4
AT_ONCE = 2
TOLD = ("state", "blocking", "warnings", "routed_steps", "errors")
_USCC = re.compile(r"\b[59][12]\d{6}M[AJ]FAKE[0-9A-Z]{4}\b")
_CNID = re.compile(r"\b\d{17}[\dX]\b")
_PASSPORT = re.compile(r"\bX0000001\b")
_OF_INSTITUTION = {
    "applications": "SELECT count(*) FROM application WHERE institution_id = ANY(%s)",
    "registrations": (
        "SELECT count(*) FROM review_case WHERE kind = 'registration' AND subject_id = ANY(%s)"
    ),
    "seals": "SELECT count(*) FROM snapshot WHERE institution_id = ANY(%s)",
    "sections": (
        "SELECT count(*) FROM gathered_section JOIN gathering USING (request_id)"
        " WHERE institution_id = ANY(%s) AND received_at IS NOT NULL"
    ),
}


def copied(text, serial):
    """The samples as other institutions with other people, otherwise the same."""

    def uscc(found):
        first_17 = f"{found[0][:14]}{serial}{found[0][15]}"
        return first_17 + uscc_check_digit(first_17)

    def citizen(found):
        first_17 = f"{found[0][:14]}{serial:02d}{found[0][16]}"
        return first_17 + cnid_check_digit(first_17)

    text = _USCC.sub(uscc, _CNID.sub(citizen, text))
    return _PASSPORT.sub(f"X00001{serial:02d}", text)


@pytest.fixture(scope="module")
def dossiers():
    text = SAMPLES.read_text(encoding="utf-8")
    serials = range(21, 21 + COPIES)
    return [
        each for serial in serials for each in parse_dossiers(yaml.safe_load(copied(text, serial)))
    ]


def load(estate, dossier):
    """As `otsp dossier` does it, in a client of its own."""
    with Gateway.at(estate.platform.gateway_url) as gateway:
        accounts = Accounts(estate.platform.run / "accounts.json")
        loader = Loader(
            gateway,
            Supervision(gateway, accounts),
            options=Options(is_self_check=False),
            say=lambda _: None,
        )
        [result] = loader.results([dossier])
        account = loader.entered[dossier.sample].account
    return account.institution_id, result


def cases(estate):
    [(count,)] = estate.rows("compliance", "SELECT count(*) FROM review_case")
    return count


def test_a_dozen_dossiers_end_as_without_and_nothing_is_lost_or_doubled(estate, dossiers):
    assert len(dossiers) == 12
    begun = cases(estate)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        loading = [pool.submit(load, estate, dossier) for dossier in dossiers]
        for opened in (2, 8):
            estate.until(lambda opened=opened: cases(estate) >= begun + opened, seconds=180)
            assert not all(each.done() for each in loading)
            estate.kill_broker()
            estate.broker.start()
        loaded = [each.result() for each in loading]
    estate.settle()

    for dossier, (_, result) in zip(dossiers, loaded, strict=True):
        expected = estate.result(dossier.sample)
        assert [result.get(each) for each in TOLD] == [expected.get(each) for each in TOLD]
    institutions = [institution_id for institution_id, _ in loaded]
    found = {
        what: estate.rows("compliance", query, institutions)[0][0]
        for what, query in _OF_INSTITUTION.items()
    }
    assert found == {"applications": 12, "registrations": 12, "seals": 12, "sections": 48}
    for service in SERVICES:
        assert estate.rows(service, "SELECT type, error FROM inbox WHERE state <> 'done'") == []
