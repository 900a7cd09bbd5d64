"""A sealed snapshot proves itself from its stored bytes alone."""

import gzip
import hashlib
import random
import zlib

import orjson
import psycopg
import pytest

from otsp_chassis.canonical import canonical_bytes, digest_of

PARTS = {"institution", "staff", "materials", "courses", "rectifications", "region", "ruleset"}
SECTIONS = {"institution", "staff", "materials", "courses"}


@pytest.fixture
def sealed(town):
    return town.moment("A is filed", lambda: town.filed("A"))


FLIPS = 10_000


class Broken(AssertionError):
    """The stored bytes are not what the seal says."""


def connect(town):
    return psycopg.connect(town.platform.kits["compliance"].owner_url, autocommit=True)


def stored(town, application):
    """The parts as they lie in the table, and what the seal says of them."""
    with connect(town) as connection:
        request_id, root, digests = connection.execute(
            "SELECT s.request_id, s.sha256, s.part_digests FROM snapshot s"
            " JOIN application a ON a.request_id = s.request_id WHERE a.application_id = %s",
            [application["application_id"]],
        ).fetchone()
        parts = connection.execute(
            "SELECT part, sha256, content FROM snapshot_part WHERE request_id = %s", [request_id]
        ).fetchall()
    return root, digests, {part: (sha256, bytes(content)) for part, sha256, content in parts}


def prove(town, application):
    """Recompute every digest from the stored bytes; raises Broken where one differs."""
    root, digests, parts = stored(town, application)
    prove_stored(root, digests, parts)
    return root, digests


def prove_stored(root, digests, parts):
    for part, (sha256, content) in parts.items():
        try:
            raw = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise Broken(part) from error
        if canonical_bytes(orjson.loads(raw)) != raw:
            raise Broken(f"{part} is not canonical")
        if not hashlib.sha256(raw).hexdigest() == sha256 == digests.get(part):
            raise Broken(part)
    if parts.keys() != digests.keys() or digest_of(digests) != root:
        raise Broken("root")


def test_the_root_and_every_part_can_be_recomputed_from_what_is_stored(town, sealed):
    root, digests = prove(town, sealed)

    assert digests.keys() == PARTS
    assert sealed["snapshot"]["sha256"] == root
    assert sealed["snapshot"]["parts"] == digests


def test_the_seal_holds_the_sections_as_their_owners_sent_them(town, stage):
    postman = stage.Postman(town.platform)
    application_id = town.file("A")
    postman.settle()
    sent = {
        event.data["section"]: event.data
        for event in postman.seen
        if event.type.endswith(".snapshot_provided.v1")
    }

    _, _, parts = stored(town, {"application_id": application_id})

    assert sent.keys() == SECTIONS
    for section, data in sent.items():
        assert data["sha256"] == parts[section][0]
        assert orjson.loads(gzip.decompress(parts[section][1])) == data["data"]


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_flipped_byte_is_noticed(town, sealed, part):
    with connect(town) as connection:
        connection.execute(
            "UPDATE snapshot_part SET content ="
            " set_byte(content, length(content) / 2, get_byte(content, length(content) / 2) # 1)"
            " WHERE part = %s",
            [part],
        )

    with pytest.raises(Broken, match=part):
        prove(town, sealed)


def test_no_flip_in_all_that_is_stored_is_missed(town, sealed):
    """S7, 10,000 times: packed parts, their digests, the seal. What remains is what nobody reads
    of a packed part (the moment in gzip's head, bits that fill a byte): the same part comes out.
    """
    chance = random.Random(7)
    root, digests, parts = stored(town, sealed)
    plain = {part: gzip.decompress(content) for part, (_, content) in parts.items()}
    weights = [len(content) for _, content in parts.values()]
    missed, unread = [], 0
    for _ in range(FLIPS):
        (part,) = chance.choices(list(parts), weights)
        sha256, content = parts[part]
        target = chance.choices(["content", "sha256", "digest", "root"], [97, 1, 1, 1])[0]
        told = {"content": content, "sha256": sha256, "digest": digests[part], "root": root}
        place, changed = flipped(told[target], chance)
        told[target] = changed
        try:
            prove_stored(
                told["root"],
                digests | {part: told["digest"]},
                parts | {part: (told["sha256"], told["content"])},
            )
        except Broken:
            continue
        if target == "content" and gzip.decompress(changed) == plain[part]:
            unread += 1
        else:
            missed.append((part, target, place))

    assert missed == []
    assert unread < FLIPS / 100


def flipped(value, chance):
    raw = bytearray(value.encode("latin-1") if isinstance(value, str) else value)
    place = chance.randrange(len(raw))
    raw[place] ^= chance.randrange(1, 256)
    return place, raw.decode("latin-1") if isinstance(value, str) else bytes(raw)


def test_a_well_formed_change_is_noticed(town, sealed):
    """Not only damage: another fact, packed as soundly as the first."""
    _, _, parts = stored(town, sealed)
    sites = orjson.loads(gzip.decompress(parts["courses"][1]))
    sites["sites"][0]["fire_check_on"] = "2024-10-14"
    forged = gzip.compress(canonical_bytes(sites))
    with connect(town) as connection:
        connection.execute(
            "UPDATE snapshot_part SET content = %s, sha256 = %s WHERE part = 'courses'",
            [forged, digest_of(sites)],
        )

    with pytest.raises(Broken, match="courses"):
        prove(town, sealed)


def test_a_new_seal_over_changed_parts_is_not_the_one_that_was_filed(town):
    filed = town.filed("A", acknowledged_warnings=["SIT-006"])
    with connect(town) as connection:
        connection.execute("UPDATE snapshot SET sha256 = repeat('0', 64)")
        [told] = connection.execute("SELECT snapshot_sha256 FROM application").fetchone()

    with pytest.raises(Broken, match="root"):
        prove(town, filed)
    assert told == filed["snapshot"]["sha256"]


def test_what_is_changed_after_filing_makes_another_seal(town, sealed):
    town.withdraw("A", sealed["application_id"])
    town.clerk("A").put(town.path("A", "institution", "party"), {"member_count": 4})

    again = town.filed("A")

    assert again["snapshot"]["sha256"] != sealed["snapshot"]["sha256"]
    same = {
        part
        for part, digest in again["snapshot"]["parts"].items()
        if digest == sealed["snapshot"]["parts"][part]
    }
    assert same == PARTS - {"institution"}
