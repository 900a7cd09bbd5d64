"""Canonical JSON is RFC 8785's, whichever library wrote it."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from otsp_chassis.canonical import canonical_bytes

SCALARS = st.none() | st.booleans() | st.text() | st.integers() | st.floats()
DOCUMENTS = st.recursive(
    SCALARS, lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts), max_leaves=30
)


def outcome(write, document):
    """The bytes, or that it was refused."""
    try:
        return write(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as refusal:
        return type(refusal)


@given(DOCUMENTS)
def test_every_document_has_the_bytes_that_the_standard_gives_it(document):
    assert outcome(canonical_bytes, document) == outcome(rfc8785.dumps, document)


@pytest.mark.parametrize(
    "document",
    [
        {"b": 1, "a": {"é": 1, "z": 2}},
        {"\U00010000": 1, "\uffff": 2},
        {"a": 1.0, "b": 1e21, "c": 0.1},
        {"text": '\x00\x08\t\n\x0c\r\x1f\x7f\u2028"\\\\/示例'},
        {"big": 2**53 - 1, "small": 1 - 2**53},
        {"big": 2**53},
        {"half": "\ud800"},
        {1: "a key that is no text"},
        [True, 1, None, [], {}],
    ],
)
def test_where_libraries_could_differ(document):
    assert outcome(canonical_bytes, document) == outcome(rfc8785.dumps, document)
