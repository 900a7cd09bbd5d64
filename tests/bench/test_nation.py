"""A few dozen institutions in the six true schemas, and what people see of them through the API."""

import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

import psycopg
import pytest

sys.path.append(str(Path(__file__).parents[2]))
from bench.distribution import CLASSES, MATERIALS, STAFF, Distribution, Filers, quantile, sizes_at
from bench.fill import on_the_samples_day, platform_at
from bench.growth import Place, authority_of
from bench.nation import populate
from bench.patterns import REGION, SPREADS

COUNT = 48
OF_NO_INSTITUTION = {"working_day", "working_year", "inbox"}
"""As large in a county as in the nation; an inbox is of the last days, and asked for failures."""
READ = (
    "SELECT relname, seq_tup_read, coalesce(idx_tup_fetch, 0), coalesce(idx_scan, 0), n_live_tup"
    " FROM pg_stat_user_tables WHERE schemaname = 'public'"
)
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, convalidated FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with (
        on_the_samples_day(),
        platform_at(tmp_path_factory.mktemp("nation"), fsync=False) as entered,
    ):
        platform, patterns = entered.platform, entered.patterns
        schemas = {name: schema_of(kit) for name, kit in platform.kits.items()}
        distribution = Distribution(COUNT, counties={REGION: 3.0, "510107": 1.0})
        nation = populate(platform, patterns, distribution)
        ready = populate(platform, patterns, Filers(4, counties={REGION: 1.0}, first=COUNT))
        assert platform.set_aside() == []
        yield platform, nation, ready, schemas


def schema_of(kit):
    with psycopg.connect(kit.owner_url) as connection:
        return connection.execute(INDEXES).fetchall(), connection.execute(CONSTRAINTS).fetchall()


def pages(client, path, **query):
    items, cursor = [], {}
    while True:
        page = client.get(path, query={"limit": 100, **query, **cursor}).json
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


def largest(nation):
    return max(nation.drawn, key=lambda one: one.staff)


def test_reviewer_gets_and_finds_every_institution(made):
    platform, nation, _, _ = made
    reviewer = platform.kits["institution"].as_authority(region="510000", level="province")
    theirs = {
        str(known): one
        for known, one in zip(nation.ids, nation.drawn, strict=True)
        if one.region_code == "510107"
    }

    listed = pages(reviewer, "/api/institution/v1/institutions", region="510107")

    assert {one["institution_id"] for one in listed} == set(theirs)
    for known, one in theirs.items():
        found = reviewer.get(f"/api/institution/v1/institutions/{known}").json
        assert (found["name"], found["uscc"]) == (one.name, one.uscc)
        by_number = pages(reviewer, "/api/institution/v1/institutions", q=one.uscc)
        assert [each["institution_id"] for each in by_number] == [known]


@pytest.mark.parametrize(
    ("service", "things", "count"),
    [
        ("staff", "staff", "staff"),
        ("materials", "materials", "materials"),
        ("courses", "courses", "courses"),
        ("courses", "classes", "classes"),
        ("courses", "sites", "sites"),
        ("institution", "funds/fee-items", "fee_items"),
    ],
)
def test_institution_sees_as_many_as_were_drawn(made, service, things, count):
    platform, nation, _, _ = made
    for known, one in list(zip(nation.ids, nation.drawn, strict=True))[:12]:
        own = platform.kits[service].as_institution(known)
        path = f"/api/{service}/v1/institutions/{known}/{things}"
        assert len(pages(own, path)) == getattr(one, count), (things, one)


def test_counters_are_those_of_the_rows(made):
    platform, nation, _, _ = made
    wanted = {
        str(known): (one.staff, one.materials)
        for known, one in zip(nation.ids, nation.drawn, strict=True)
    }
    with psycopg.connect(platform.kits["compliance"].owner_url) as connection:
        told = {
            str(known): (people, books)
            for known, people, books in connection.execute(
                "SELECT institution_id, (s.counters->>'employed')::int,"
                " (m.counters->>'in_use')::int FROM staff_counters_ref s"
                " JOIN materials_counters_ref m USING (institution_id)"
            )
        }
    assert {known: told[known] for known in wanted} == wanted


def test_every_reference_between_services_leads_to_a_row(made):
    """What no foreign key can hold: teachers and materials are another service's rows."""
    platform, _, _, _ = made
    with (
        psycopg.connect(platform.kits["courses"].owner_url) as courses,
        psycopg.connect(platform.kits["staff"].owner_url) as staff,
        psycopg.connect(platform.kits["materials"].owner_url) as materials,
        psycopg.connect(platform.kits["institution"].owner_url) as institution,
    ):
        people = ids(staff, "SELECT staff_id FROM staff")
        books = ids(materials, "SELECT material_id FROM material")
        fees = ids(institution, "SELECT fee_item_id FROM fee_item")
        assert ids(courses, "SELECT unnest(teacher_ids) FROM class") <= people
        assert ids(courses, "SELECT unnest(material_ids) FROM course") <= books
        assert ids(courses, "SELECT fee_item_id FROM course") <= fees
        assert ids(courses, "SELECT host_id FROM course") <= ids(
            courses, "SELECT site_id FROM site"
        )
        assert ids(courses, "SELECT staff_id FROM staff_ref") == people
        assert ids(staff, "SELECT class_id FROM class_ref") == ids(
            courses, "SELECT class_id FROM class"
        )
        used = "SELECT unnest(internal_reviewer_ids) FROM material"
        assert ids(materials, used) <= people


def ids(connection, query):
    return {str(each) for (each,) in connection.execute(query)}


def test_people_are_sealed_one_by_one_and_found_by_their_number(made):
    platform, nation, _, _ = made
    kit = platform.kits["staff"]
    one = largest(nation)
    known = nation.ids[nation.drawn.index(one)]
    with psycopg.connect(kit.owner_url) as connection:
        rows = connection.execute(
            "SELECT id_no_sealed, id_index, staff_id FROM staff WHERE institution_id = %s", (known,)
        ).fetchall()
    cipher = kit.runtime.cipher
    numbers = {cipher.decrypt(sealed): (index, staff_id) for sealed, index, staff_id in rows}
    assert len(numbers) == len(rows) == one.staff
    for number, (index, _) in numbers.items():
        assert index == cipher.blind_index(number)
    number, (_, staff_id) = next(iter(numbers.items()))
    found = kit.as_institution(known).post(
        f"/api/staff/v1/institutions/{known}/staff-searches", {"id_no": number}
    )
    assert [each["staff_id"] for each in found.json["items"]] == [str(staff_id)]


def test_approved_ones_are_in_the_register_and_the_others_in_a_worklist(made):
    platform, nation, _, _ = made
    public = platform.kits["compliance"].anonymous()
    states = Counter(one.state for one in nation.drawn)
    approved = next(one for one in nation.drawn if one.state == "approved")

    found = public.get("/api/compliance/v1/public/register", query={"q": approved.uscc}).json

    assert [one["name"] for one in found["items"]] == [approved.name]
    authority = authority_of(platform)
    reviewer = platform.kits["compliance"].as_authority(region=REGION, authority_id=authority)
    waiting = pages(reviewer, "/api/compliance/v1/cases", state="open")
    here = [one for one in nation.drawn if one.state == "open" and one.region_code == REGION]
    assert {one["institution_name"] for one in waiting} == {one.name for one in here}
    assert states["approved"] == round(COUNT * 0.87)


def test_one_that_is_ready_files_and_is_approved(made):
    platform, nation, ready, _ = made
    place = Place(platform, nation, authority_of(platform), ready.ids[:2])

    place.decide(0)

    assert platform.set_aside() == []


@contextmanager
def only_indexes(platform):
    """Whoever reads a table in its order now has no index that fits what is looked for."""
    kits = platform.kits.values()
    try:
        set_everywhere(kits, "SET enable_seqscan = off")
        yield
    finally:
        set_everywhere(kits, "RESET enable_seqscan")


def set_everywhere(kits, what):
    for kit in kits:
        with psycopg.connect(kit.owner_url) as connection:
            name = connection.info.dbname
            connection.execute(f"ALTER DATABASE {name} {what}")
        kit.runtime.database.dispose()


def rows_read(platform):
    """Of each table: rows read in its order; through its indexes; scans of those; its rows."""
    told = {}
    for name, kit in platform.kits.items():
        kit.runtime.database.dispose()  # a session that ends tells at once what it read
        with psycopg.connect(kit.owner_url) as connection:
            for table, *counts in connection.execute(READ).fetchall():
                told[f"{name}.{table}"] = counts
    return told


@pytest.mark.parametrize("kind", ["read", "list", "save", "decide"])
def test_nobody_reads_a_table_whole_for_one_institution(made, kind):
    platform, nation, ready, _ = made
    place = Place(platform, nation, authority_of(platform), ready.ids[2:])

    with only_indexes(platform):
        before = rows_read(platform)
        getattr(place, kind)(0)
        after = rows_read(platform)

    whole = {}
    for table, (in_order, found, scans, rows) in after.items():
        was = before[table]
        a_scan = (found - was[1]) / max(scans - was[2], 1)
        grows = rows > COUNT / 2 and table.partition(".")[2] not in OF_NO_INSTITUTION
        if grows and (in_order > was[0] or a_scan > rows / 4):
            whole[table] = (in_order - was[0], a_scan, rows)
    assert whole == {}


def test_nothing_of_a_schema_is_lost(made):
    platform, _, _, schemas = made
    assert {name: schema_of(kit) for name, kit in platform.kits.items()} == schemas


def test_every_table_of_an_institution_is_made_or_named_as_not_made(made):
    from bench.patterns import NOT_MADE

    platform, _, _, _ = made
    for name, kit in platform.kits.items():
        made_here = {each.table for each in SPREADS if each.service == name}
        left_out = {*NOT_MADE["*"], *NOT_MADE.get(name, ())}
        with psycopg.connect(kit.owner_url) as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name = 'institution_id'"
            ).fetchall()
            filled = {
                table
                for (table,) in tables
                if connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()
            }
        assert sorted(filled - made_here - left_out) == [], name


def test_sizes_are_those_of_the_domain():
    drawn = list(Distribution(4_000))

    assert mean(one.staff for one in drawn) == pytest.approx(12, rel=0.1)
    assert mean(one.materials for one in drawn) == pytest.approx(10, rel=0.1)
    assert mean(one.classes for one in drawn) == pytest.approx(15, rel=0.1)
    assert mean(one.courses for one in drawn) == pytest.approx(8, rel=0.1)
    assert mean(one.fee_items for one in drawn) == pytest.approx(6, rel=0.1)
    assert mean(one.sites for one in drawn) == pytest.approx(1.3, rel=0.1)
    assert [round(quantile(points, 0.99)) for points in (STAFF, MATERIALS, CLASSES)] == [
        pytest.approx(300, rel=0.1),
        pytest.approx(400, rel=0.1),
        pytest.approx(200, rel=0.1),
    ]
    kinds = Counter(one.kind for one in drawn)
    assert kinds["subject"] / len(drawn) == pytest.approx(0.53, abs=0.01)
    assert len({one.uscc for one in drawn}) == len(drawn)


def test_the_nation_has_its_counties():
    weights = Distribution(240_000).county_weights().values()
    sizes = sorted(240_000 * weight / sum(weights) for weight in weights)

    assert len(sizes) == 2_844
    assert mean(sizes) == pytest.approx(84, rel=0.01)
    assert sizes[int(len(sizes) * 0.99)] == pytest.approx(600, rel=0.15)


def test_fewer_institutions_lie_in_fewer_counties_by_their_weights():
    assert len(Distribution(8_400).county_weights()) == 100
    assert len(Distribution(10).county_weights()) == 1

    two = Distribution(4_000, counties={"330106": 3.0, "510107": 1.0})
    drawn = Counter(one.region_code for one in two)
    assert drawn["330106"] / drawn["510107"] == pytest.approx(3, rel=0.1)


def test_means_hold_for_small_numbers_too():
    for seed in range(5):
        drawn = list(Distribution(1_000, seed, counties={REGION: 1.0}))
        assert mean(one.staff for one in drawn) == pytest.approx(12, rel=0.05), seed
        assert mean(one.materials for one in drawn) == pytest.approx(10, rel=0.06), seed


@pytest.mark.parametrize("of", ["kind", "state", "staff", "sites", "fee_items"])
def test_what_an_institution_is_says_nothing_about_its_number(of):
    told = [getattr(one, of) for one in Distribution(4_000, counties={REGION: 1.0})]
    half = len(told) // 2
    first, second = Counter(told[:half]), Counter(told[half:])

    assert len(first | second) > 1
    for value in first | second:
        assert abs(first[value] - second[value]) < 5 * (first[value] + second[value]) ** 0.5, value


def test_a_seed_draws_the_same_again_and_another_does_not():
    one_county = {REGION: 1.0}

    assert list(Distribution(200, 7)) == list(Distribution(200, 7))
    assert Distribution(8_400, 7).county_weights() != Distribution(8_400, 8).county_weights()
    assert list(Distribution(200, 7, one_county)) != list(Distribution(200, 8, one_county))


def test_any_number_is_shared_out_whole_and_has_its_own_names():
    for count in range(1, 60):
        drawn = list(Distribution(count, counties={REGION: 1.0}))
        assert len({one.name for one in drawn}) == len({one.uscc for one in drawn}) == count


def test_at_any_rank_a_class_has_its_course_its_teacher_and_its_materials():
    for rank in (number / 5_000 for number in range(5_000)):
        staff, materials, courses, classes = sizes_at(rank)
        copies, rest = divmod(classes - 1, 15)

        assert staff >= copies * 12 + min(4, rest // 2 + 1), rank
        assert courses == copies * 8 + rest // 2 + 1, rank
        assert materials >= copies * 10 + min(2, rest // 2 + 1), rank
