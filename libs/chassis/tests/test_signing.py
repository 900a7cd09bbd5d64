"""Signed documents: one signature has one spelling, and keys never show their private half."""

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from otsp_chassis.signing import BadSignature, Ed25519Signer, PublicKeys, UnknownKey, key_of

KIND = "otsp-test"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture(scope="module")
def key():
    return OKPKey.generate_key("Ed25519", {"kid": "k1", "use": "sig"})


@pytest.fixture(scope="module")
def keys(key):
    return PublicKeys({"keys": [key.as_dict(private=True)]})


@pytest.fixture
def signer(key, tmp_path):
    file = tmp_path / "private.jwk"
    file.write_bytes(orjson.dumps(key.as_dict(private=True)))
    return Ed25519Signer(file)


def signed_by(key, payload, **header):
    told = {"alg": "Ed25519", "kid": "k1", "typ": KIND, **header}
    return jws.serialize_compact(told, payload, key, algorithms=["Ed25519"])


def test_what_is_signed_is_verified(signer, keys):
    signed = signer.sign({"b": 1, "a": "甲"}, KIND)

    assert keys.verify(signed, KIND) == {"a": "甲", "b": 1}
    assert key_of(signed) == "k1"


def test_no_other_letter_at_the_end_passes(signer, keys):
    """Six bits stand for the last four: four letters would decode alike."""
    signed = signer.sign({"a": 1}, KIND)

    for letter in set(LETTERS) - {signed[-1]}:
        with pytest.raises(BadSignature):
            keys.verify(signed[:-1] + letter, KIND)


@pytest.mark.parametrize(
    "payload",
    [b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1}\n', b'["a"]', b"1", b"", b"\xff", b'{"a":1.50}'],
    ids=repr,
)
def test_what_is_not_canonical_is_not_taken(key, keys, payload):
    with pytest.raises(BadSignature):
        keys.verify(signed_by(key, payload), KIND)


def test_a_document_of_another_kind_is_not_taken(signer, keys):
    with pytest.raises(BadSignature):
        keys.verify(signer.sign({"a": 1}, "another"), KIND)


@pytest.mark.parametrize("told", ["", ".", "a.b.c", "a.b", "é.b.c", "a.b.c.d"])
def test_what_is_no_signed_document_is_not_taken(keys, told):
    with pytest.raises(BadSignature):
        keys.verify(told, KIND)


def test_a_key_that_is_not_published_is_unknown(keys):
    stranger = OKPKey.generate_key("Ed25519", {"kid": "k2"})

    with pytest.raises(UnknownKey):
        keys.verify(signed_by(stranger, b'{"a":1}', kid="k2"), KIND)


def test_private_halves_are_never_published(key, keys):
    assert keys.as_jwks() == {"keys": [key.as_dict(private=False)]}
    assert "d" not in keys.as_jwks()["keys"][0]


@pytest.mark.parametrize("jwks", [{}, {"keys": 1}, {"keys": [{}]}, [], None], ids=repr)
def test_what_is_no_key_set_is_refused(jwks):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it was
        PublicKeys(jwks)
