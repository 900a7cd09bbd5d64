"""Large sections travel by claim check between the real services; nothing else changes."""

import pytest

from otsp_chassis.claims import check_in
from otsp_contracts.envelope import Envelope
from otsp_testkit import PlatformKit

SECTIONS = {"institution", "staff", "materials", "courses"}


@pytest.fixture(scope="session")
def frugal(make_kit, stage) -> PlatformKit:
    """The same databases behind services that put whatever they can into the store."""
    return PlatformKit([make_kit(each, claim_above_bytes=500) for each in stage.services()])


@pytest.fixture
def store(frugal):
    """The files of the claims that a test makes."""
    folder = frugal.kits["compliance"].runtime.settings.claims_dir / "claims"
    before = set(folder.glob("*/*/*"))
    return lambda: set(folder.glob("*/*/*")) - before


def test_filing_comes_to_the_same_when_every_section_is_a_claim(town, frugal, store):
    application_id = town.file("A")

    frugal.settle()

    found = town.application("A", application_id)
    assert (found["state"], found["to_acknowledge"]) == ("awaiting_acknowledgement", ["SIT-006"])
    assert {each.parents[1].name for each in store()} == SECTIONS


def test_names_cannot_be_read_in_the_store(town, stage, frugal, store):
    name = stage.samples()[0]["institution"]["name"]
    town.file("A")

    frugal.settle()

    assert store()
    assert not [file for file in store() if name.encode() in file.read_bytes()]


def test_altered_section_stops_the_filing_with_its_reason_until_it_is_mended(
    town, stage, frugal, store
):
    application_id = town.file("A")
    postman, compliance = stage.Postman(town.platform), frugal.kits["compliance"]
    postman.deliver(postman.collect())
    told = {each.type: each for each in postman.collect()}
    for kind, each in told.items():
        sender = frugal.kits[kind.partition(".")[0]].runtime
        told[kind] = Envelope.from_bytes(check_in(sender, each.to_bytes()))
    [file] = [each for each in store() if each.parents[1].name == "staff"]
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))

    for each in told.values():
        compliance.work.inbox.receive(each)

    [why] = compliance.set_aside()
    assert why.startswith("staff.snapshot_provided.v1: ClaimAltered")
    assert town.application("A", application_id)["state"] == "gathering"
    file.write_bytes(sealed)
    postman.retry()
    assert town.application("A", application_id)["state"] == "awaiting_acknowledgement"
