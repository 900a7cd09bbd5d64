"""Every copy that a service keeps of another's things can be told to it again by their owner."""

import ast
from importlib import import_module

import pytest

from otsp_chassis.tables import chassis_metadata
from otsp_cli.running import load_service
from otsp_cli.serving import SERVICES

SOURCES = {
    (name, source.name): source
    for name in SERVICES
    for source in load_service(name).republish_sources()
}


def copies_of(service):
    """Tables that events alone fill: those named _ref, and the review lock where one is taken."""
    model = import_module(f"otsp_{service}.model")
    tables = {name for name in model.Base.metadata.tables if name.endswith("_ref")}
    if "compliance.review_unlocked.v1" in load_service(service).heard_types():
        tables.add("review_lock")
    return tables


KEPT = [(service, table) for service in SERVICES for table in sorted(copies_of(service))]


@pytest.mark.parametrize(("reader", "table"), KEPT)
def test_copy_has_one_owner_who_tells_it_again_by_events_that_its_reader_hears(reader, table):
    owners = {
        (owner, event.TYPE)
        for (owner, _), source in SOURCES.items()
        if source.kept_as == table and owner != reader
        for event in source.events
    }

    assert owners, f"nobody can republish {table}: add it to its owner's republish room"
    assert len({owner for owner, _ in owners}) == 1
    assert {kind for _, kind in owners} <= load_service(reader).heard_types()


@pytest.mark.parametrize(("owner", "name"), SOURCES)
def test_source_tells_own_events_into_a_table_that_exists(owner, name):
    source = SOURCES[owner, name]
    tables = {table for _, table in KEPT} | set(chassis_metadata.tables)

    assert {event.owner() for event in source.events} == {owner}
    assert source.kept_as in tables
    assert len(source.root.__table__.primary_key.columns) == 1


def test_events_that_say_how_readers_keep_them_are_told_again():
    """A contract that promises a copy (`kept as x_ref`) has a source, once somebody keeps it."""
    from otsp_contracts.envelope import PAYLOAD_CLASSES

    promised = {
        kind
        for kind, payload in PAYLOAD_CLASSES.items()
        if "keep it as" in (payload.__doc__ or "")
        and any(kind in load_service(name).heard_types() for name in SERVICES)
    }

    told = {event.TYPE for source in SOURCES.values() for event in source.events}
    assert promised
    assert promised <= told


def test_flow_that_loses_all_copies_knows_all_of_them(root):
    text = (root / "tests/flows/test_republish.py").read_text(encoding="utf-8")
    lost = ast.literal_eval(text[text.index("COPIES = ") + len("COPIES = ") : text.index('"""By')])

    assert {(reader, table) for reader, tables in lost.items() for table in tables} == {*KEPT}
