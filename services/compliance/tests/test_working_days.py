"""The working calendar: what it holds, and the import of a year by the national administrator."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from otsp_chassis import clock, metrics, workcalendar
from otsp_chassis.db import transaction
from otsp_contracts.compliance import WorkingYearEntered

DOCS = Path(__file__).parents[3] / "docs"
ROWS_READ = sqlalchemy.text(
    "SELECT seq_tup_read AS in_order, idx_tup_fetch AS found FROM pg_stat_xact_user_tables"
    " WHERE relname = 'working_day'"
)
FIXED = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}


@pytest.fixture(autouse=True)
def calendar(kit):
    """The table as the package fills it, before and after."""

    def forget():
        with psycopg.connect(kit.owner_url) as connection:
            connection.execute("DELETE FROM working_day")

    forget()
    kit.run_job("keep_calendar")
    yield
    forget()


@pytest.fixture
def nation(kit):
    return kit.as_authority("national_admin", region="000000", level="national")


def file(year=2027, **changed):
    """Weekends and holidays on fixed days rest; `changed` maps d0102 to a row's end."""
    rows, day = ["day,kind,name"], date(year, 1, 1)
    while day.year == year:
        name = FIXED.get((day.month, day.day), "")
        kind = "rest" if name or day.isoweekday() > 5 else "working"
        rows.append(f"{day},{changed.get(f'd{day:%m%d}', f'{kind},{name}')}")
        day += timedelta(days=1)
    return "\n".join(rows)


def load(client, world, text, year=2027, encoding="utf-8", content_type="text/csv", **query):
    return client.call(
        "POST",
        f"{world.api}/working-days/imports",
        raw=text.encode(encoding),
        content_type=content_type,
        query={"year": year} | query,
    )


def days(client, world, year, **query):
    return client.get(f"{world.api}/working-days", query={"year": year} | query).json


def test_a_calendar_is_read_by_its_exceptions_alone(kit):
    """Every filing reads it, some of them seven times; it has 365 rows a year.

    An index that fits is there; how full the pages are decides whether a plan prefers it.
    """
    with psycopg.connect(kit.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE working_day")

    with kit.active(), transaction() as tx:
        tx.execute(sqlalchemy.text("SET LOCAL enable_seqscan = off"))
        before = tx.execute(ROWS_READ).one()
        calendar = workcalendar.load_calendar(tx)
        after = tx.execute(ROWS_READ).one()

    assert not calendar.is_working_day(date(2026, 10, 1))
    assert after.in_order == before.in_order
    assert after.found - before.found <= 2 + len(calendar.exceptions) < 500


def test_the_days_of_a_year_are_told_in_pages(world, kit):
    institution = world.institution()

    first = days(institution, world, 2024, limit=100)
    last = days(institution, world, 2024, limit=100, cursor=first["next"])

    assert [one["day"] for one in first["items"]][::99] == ["2024-01-01", "2024-04-09"]
    assert last["items"][0]["day"] == "2024-04-10"
    assert first["items"][0] == {
        "day": "2024-01-01",
        "weekday": 1,
        "is_working": False,
        "differs": True,
        "name": "元旦",
    }


def test_only_the_days_that_differ_and_a_make_up_saturday_among_them(world, nation):
    told = days(nation, world, 2024, only_differing="true", limit=100)

    by_day = {one["day"]: one for one in told["items"]}
    assert told["next"] is None
    assert by_day["2024-10-12"]["is_working"] is True
    assert "2024-10-13" not in by_day


def test_a_year_that_is_not_entered_has_no_days(world, nation):
    told = days(nation, world, 2090)

    assert (told["items"], told["next"]) == ([], None)


def test_a_new_year_is_entered_and_extends_the_calendar(world, nation):
    before = days(nation, world, 2027)["covers_until"]

    answer = load(nation, world, file(d0206="rest,春节", d0220="working,春节"))

    assert before == "2026-12-31"
    assert answer.status == 200
    assert (answer.json["outcome"], answer.json["covers_until"]) == ("imported", "2027-12-31")
    assert (answer.json["days"], answer.json["working_days"] + answer.json["rest_days"]) == (
        365,
        365,
    )
    told = days(nation, world, 2027, only_differing="true", limit=100)
    assert told["covers_until"] == "2027-12-31"
    assert [one["day"] for one in told["items"]] == ["2027-01-01", "2027-02-20", "2027-10-01"]


def test_the_same_file_again_changes_nothing(world, nation, kit):
    load(nation, world, file())
    entries = audited(kit)

    again = load(nation, world, file())

    assert (again.status, again.json["outcome"], again.json["changes"]) == (200, "unchanged", [])
    assert audited(kit) == entries == 1


def test_others_are_told_the_days_that_no_weekday_tells(world, nation, kit):
    load(nation, world, file(d0206="rest,春节", d0208="rest,春节", d0220="working,春节"))
    load(nation, world, file(d0206="rest,春节", d0208="rest,春节", d0220="working,春节"))

    [event] = kit.published(WorkingYearEntered)
    told = event.payload()
    assert (told.year, told.version) == (2027, 1)
    assert told.working_weekends == (date(2027, 2, 20),)
    assert told.rest_weekdays == (date(2027, 1, 1), date(2027, 2, 8), date(2027, 10, 1))


def test_year_that_is_replaced_is_told_with_a_greater_version(world, nation, kit):
    load(nation, world, file())
    load(nation, world, file(d0105="rest,临时"), replace="true", reason="国务院办公厅通知")

    first, second = (event.payload() for event in kit.published(WorkingYearEntered))
    assert first.year_id == second.year_id
    assert (first.version, second.version) == (1, 2)
    assert date(2027, 1, 5) in second.rest_weekdays


def audited(kit):
    with psycopg.connect(kit.owner_url) as connection:
        return connection.execute(
            "SELECT count(*) FROM audit_entry WHERE action = 'compliance.working_days_imported'"
        ).fetchone()[0]


def test_a_dry_run_stores_nothing_and_says_what_would_be(world, nation, kit):
    answer = load(nation, world, file(), dry_run="true")

    assert (answer.json["outcome"], answer.json["is_dry_run"]) == ("imported", True)
    assert answer.json["covers_until"] == "2026-12-31"
    assert days(nation, world, 2027)["items"] == []
    assert audited(kit) == 0


def test_every_fault_is_told_and_no_row_is_kept(world, nation):
    refused = load(nation, world, file(d0104="rest,", d0105="holiday,", d1001="working,国庆节"))

    assert (refused.status, refused.problem) == (422, "working-days-faulty")
    assert [(one["line"], one["column"], one["code"]) for one in refused.json["rows"]] == [
        (5, "name", "unnamed"),
        (6, "kind", "bad_kind"),
    ]
    assert refused.pointers == {"/5/name", "/6/kind"}
    assert all(one["text"] for one in refused.json["rows"])
    assert days(nation, world, 2027)["items"] == []


def test_a_year_is_not_shortened(world, nation):
    load(nation, world, file())
    cut = "\n".join(file().splitlines()[:-31])

    refused = load(nation, world, cut, replace="true", reason="更正")

    assert [one["code"] for one in refused.json["rows"]] == ["missing_days"]
    assert days(nation, world, 2027)["covers_until"] == "2027-12-31"


def test_a_year_that_is_entered_otherwise_is_replaced_only_when_that_is_wanted(world, nation):
    load(nation, world, file())
    other = file(d0208="rest,春节")

    refused = load(nation, world, other)
    unexplained = load(nation, world, other, replace="true")
    tried = load(nation, world, other, dry_run="true")
    done = load(nation, world, other, replace="true", reason="国务院办公厅更正通知")

    assert (refused.status, refused.problem) == (409, "working-days-differ")
    change = {"day": "2027-02-08", "before": "working", "after": "rest", "name": "春节"}
    assert refused.json["changes"] == tried.json["changes"] == done.json["changes"] == [change]
    assert unexplained.pointers == {"/reason"}
    assert (tried.json["outcome"], done.json["outcome"]) == ("replaced", "replaced")


@pytest.mark.parametrize("year", [2028, 2014])
def test_a_year_apart_from_the_calendar_is_refused(world, nation, year):
    refused = load(nation, world, file(year), year=year)

    assert (refused.status, refused.problem) == (409, "working-days-gap")
    assert refused.json["covers_until"] == "2026-12-31"
    assert "2027" in refused.json["detail"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_what_a_spreadsheet_saves_is_read(world, nation, encoding):
    assert load(nation, world, file(), encoding=encoding).json["outcome"] == "imported"
    assert days(nation, world, 2027, limit=1)["items"][0]["name"] == "元旦"


def test_what_is_no_csv_and_what_is_too_much_is_refused(world, nation):
    assert load(nation, world, "x", content_type="application/pdf").status == 415
    assert load(nation, world, "x" * 300_000).problem == "too-large"
    assert load(nation, world, "x", year=1999).problem == "bad-parameter"


def test_only_the_national_administrator_enters_a_year(world, kit):
    for client in (
        kit.as_authority("region_admin", region="330000", level="province"),
        kit.as_authority("reviewer"),
        world.institution(),
    ):
        refused = load(client, world, file())
        assert (refused.status, refused.problem) == (403, "forbidden")


def test_beyond_the_calendar_a_warning_is_given_until_the_year_is_entered(world, nation, kit):
    """D11; the classes of sample A end in 2024, so they are moved to the next year unknown."""
    with clock.frozen(datetime(2024, 10, 15, 3, tzinfo=UTC)):
        world.configure()
        for course in world.sections["A"]["courses"]["courses"]:
            for one in course["classes"]:
                one["start_on"], one["end_on"] = "2027-03-01", "2027-03-31"

        beyond = warned(world)
        load(nation, world, file())
        known = warned(world)

    assert ("CMP-003" in beyond, "CMP-003" in known) == (True, False)


def warned(world):
    body = {"institution_id": str(world.institution_id)}
    answer = world.institution().post(f"{world.api}/self-checks", body)
    world.provide()
    found = world.institution().get(answer.headers["Location"]).json
    return {one["rule_id"] for one in found["findings"]["data"]}


def test_the_days_that_are_left_are_measured(world, nation, kit):
    """What the alarm of 60 days looks at."""
    with clock.frozen(datetime(2026, 11, 2, 3, tzinfo=UTC)):
        kit.run_job("keep_calendar")
        short = metrics.CALENDAR_DAYS_LEFT._value.get()
        load(nation, world, file())
        kit.run_job("keep_calendar")

        assert (short, days(nation, world, 2027)["days_left"]) == (59, 424)
        assert metrics.CALENDAR_DAYS_LEFT._value.get() == 424
    with clock.frozen(datetime(2031, 1, 1, tzinfo=UTC)):
        kit.run_job("keep_calendar")
        assert metrics.CALENDAR_DAYS_LEFT._value.get() == 0


def test_the_sample_in_the_documents_is_the_year_that_the_table_holds(world, nation):
    text = (DOCS / "working-days-2026.csv").read_text("utf-8")

    assert load(nation, world, text, year=2026).json["outcome"] == "unchanged"
