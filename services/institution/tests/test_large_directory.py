"""A province's directory among 100,000 institutions: what is looked for is found by an index."""

from itertools import product

import pytest
from sqlalchemy import create_engine, text

from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_institution.app import service
from otsp_institution.queries.directory import _query

CROWD = """
INSERT INTO institution (institution_id, version, created_at, updated_at, name, region_code, uscc,
    registration_status, registration_round, compliance_status, has_proposed_change,
    licence_delivery, categories, delivery_modes, nonsubject_types, stages, sponsors,
    board_members, supervisors, branches, former_names, search_text, search_terms)
SELECT gen_random_uuid(), 1, now(), now(), told.name || '示例' || copy,
    (330000 + (told.number * 50 + copy) % 100)::text,
    lpad((told.number * 50 + copy)::text, 18, '0'),
    'approved', 1, 'compliant', false, '{}', '{subject}', '{offline}', '{}', '{junior}', '[]', '[]',
    '[]', '[]', '{}', told.told, told.terms
FROM told, generate_series(1, 50) AS copy"""
LICENCES = """
INSERT INTO school_licence (institution_id, version, created_at, updated_at, licence_no, valid_to)
SELECT institution_id, 1, now(), now(), '教民1' || substr(uscc, 7) || '号',
    DATE '2024-01-01' + (right(uscc, 5)::int % 2000)
FROM institution"""


PLANS = [
    ({"q": "朝阳书院"}, "ix_institution_search_terms"),
    ({"q": "changle zhaoyang"}, "ix_institution_search_terms"),
    ({"q": "clcy"}, "ix_institution_search_terms"),
    ({"q": "000000000000000042"}, "ix_institution_uscc"),
    ({"q": "教民1000000000042"}, "ix_school_licence_licence_no"),
    ({"region": "330042"}, "ix_institution_region_code"),
    ({}, "ix_institution_region_code"),
    ({"licence_expires_before": "2024-01-02"}, "ix_school_licence_valid_to"),
]


ENTRIES_READ = text(
    "SELECT idx_tup_read FROM pg_stat_user_indexes"
    " WHERE indexrelname = 'ix_institution_region_code'"
)
PROVINCE = AuthorityClaim(new_id(), "province", "education", "330000")


@pytest.fixture(scope="module")
def crowd(make_kit):
    """100,000 institutions of 100 counties; fifty of them have a name that no other has."""
    kit = make_kit(service)
    ways = product("新启知星海", "光明行河燕", "甲乙丙丁" * 20)
    names = [f"示例{''.join(way)}学校" for way in ways]
    names[-1] = "长乐朝阳书院"
    engine = create_engine(kit.owner_url.replace("://", "+psycopg://", 1))
    with engine.begin() as owner:
        owner.execute(
            text(
                "CREATE TEMP TABLE told (number serial, name text, told text, terms text[])"
                " ON COMMIT DROP"
            )
        )
        owner.execute(
            text("INSERT INTO told (name, told, terms) VALUES (:name, :told, :terms)"),
            [{"name": n, "told": text_of(n), "terms": terms(n)} for n in names],
        )
        owner.execute(text(CROWD))
        owner.execute(text("ANALYZE institution"))  # or each reference is looked for row by row
        owner.execute(text(LICENCES))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        owner.execute(text("VACUUM ANALYZE institution"))
        owner.execute(text("VACUUM ANALYZE school_licence"))
    engine.dispose()
    yield kit
    kit.clean()


def test_index_is_used_for_each_way_to_look(crowd):
    with crowd.runtime.database.autocommit.connect() as reader:
        for filters, index in PLANS:
            query = _query(PROVINCE, filters, None).limit(21).compile(reader)
            explained = reader.exec_driver_sql(f"EXPLAIN {query}", query.params)
            plan = "\n".join(explained.scalars())
            assert index in plan, (filters, plan)
            assert "Seq Scan on institution" not in plan, (filters, plan)


def test_a_rare_name_is_found_by_its_terms_however_often_it_is_looked_for(crowd):
    """A plan for any words would go through the counties."""
    with crowd.runtime.database.autocommit.connect() as reader:

        def read_of_regions():
            reader.execute(text("SELECT pg_stat_force_next_flush()"))
            return reader.scalar(ENTRIES_READ)

        before = read_of_regions()
        for q in ("朝阳书院", "changle zhaoyang", "clcy") * 12:
            found = reader.execute(_query(PROVINCE, {"q": q}, None).limit(21)).all()
            assert len(found) == 21

        assert read_of_regions() == before
