"""The key files as the services read them."""

import stat

import pytest

from otsp_chassis import clock
from otsp_chassis.audit.signing import Head, HeadVerifier, sign
from otsp_chassis.identity import IdentityMinter, IdentityVerifier, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import Cipher
from otsp_local.keys import PlatformKeys


@pytest.fixture
def keys(tmp_path):
    keys = PlatformKeys(tmp_path / "keys")
    keys.ensure()
    return keys


def test_what_the_private_key_signs_the_public_key_verifies(keys):
    principal = Principal(new_id(), "operator", frozenset({"account:self"}), "session")

    token = IdentityMinter(keys.identity_private).mint(principal)

    assert IdentityVerifier(keys.identity_public).verify(token) == principal


def test_what_signs_the_audit_trail_is_verified_with_its_public_half(keys):
    head = Head("staff", 1, b"link", previous=0, signed_at=clock.now())

    HeadVerifier(keys.audit_public).verify(head, sign(head, keys.audit_private))


@pytest.mark.parametrize("pair", ["identity", "audit"])
def test_the_public_file_holds_no_private_part(keys, pair):
    assert '"d"' in getattr(keys, f"{pair}_private").read_text()
    assert '"d"' not in getattr(keys, f"{pair}_public").read_text()


def test_personal_data_survive_a_second_start(keys):
    sealed = Cipher.from_file(keys.pii).encrypt("周某")

    keys.ensure()

    assert Cipher.from_file(keys.pii).decrypt(sealed) == "周某"


def test_others_cannot_read_the_keys(keys):
    modes = {stat.S_IMODE(file.stat().st_mode) for file in keys.folder.iterdir()}

    assert modes == {0o600}
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
