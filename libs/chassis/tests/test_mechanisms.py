"""Keys, files, calendar, identity, jobs, migrations, health, logs."""

import gc
import io
import json
import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from otsp_chassis import clock, ids, log, metrics, pii, workcalendar
from otsp_chassis.canonical import NotIntact, Packed, pack, unpack
from otsp_chassis.context import activate
from otsp_chassis.identity import (
    AuthorityClaim,
    IdentityMinter,
    IdentityVerifier,
    Principal,
    principal_of,
)
from otsp_chassis.jobs import Job, Noted, run_job
from otsp_chassis.migrate import undeclared_changes, upgrade
from otsp_chassis.problems import OtherInstitution, OutsideJurisdiction, Unauthorised, all_problems
from otsp_chassis.settings import ServiceSettings
from otsp_chassis.tables import job_run
from otsp_testkit.keys import write_key_files
from otsp_testkit.sample.model import Base

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_packed_document_comes_back_whole(document):
    assert unpack(pack(document)) == document


def test_large_document_travels_compressed_and_is_proved_intact():
    document = {"rows": [{"number": number, "text": "示例" * 10} for number in range(2_000)]}
    packed = pack(document)

    assert packed.encoding == "gzip"
    assert unpack(packed) == document
    with pytest.raises(NotIntact):
        unpack(Packed("0" * 64, packed.encoding, packed.data))
    with pytest.raises(NotIntact):
        unpack(Packed(packed.sha256, "gzip", packed.data[:-9]))


def test_encrypted_value_differs_each_time_and_comes_back(kit):
    cipher = kit.runtime.cipher

    first, second = cipher.encrypt("330199197803129904"), cipher.encrypt("330199197803129904")

    assert first != second
    assert cipher.decrypt(first) == cipher.decrypt(second) == "330199197803129904"
    assert b"330199" not in first
    with pytest.raises(InvalidTag):
        cipher.decrypt(first[:-1] + bytes([first[-1] ^ 1]))


def test_rotated_key_still_reads_old_values(tmp_path):
    old = pii.Cipher({"k1": b"1" * 32}, "k1", b"i" * 32)
    new = pii.Cipher({"k1": b"1" * 32, "k2": b"2" * 32}, "k2", b"i" * 32)

    assert new.decrypt(old.encrypt("周甲")) == "周甲"
    assert new.encrypt("周甲").startswith(b"k2:")
    assert new.blind_index(" x1 ") == old.blind_index("X1")


@pytest.mark.parametrize(
    ("mask", "plain", "masked"),
    [
        (pii.mask_id, "330199197803129904", "330***********9904"),
        (pii.mask_mobile, "13800000001", "138****0001"),
        (pii.mask_cert, "20193300141000901", "2019*********0901"),
        (pii.mask_email, "zhou@example.test", "z***@example.test"),
        (pii.mask_account, "33010000099990001", "*************0001"),
        (pii.mask_name, "周甲", "周*"),
        (pii.mask_id, "X12", "***"),
    ],
)
def test_masks_follow_the_masking_matrix(mask, plain, masked):
    assert mask(plain) == masked


def a_principal() -> Principal:
    claim = AuthorityClaim(ids.new_id(), "city", "education", "330100")
    return Principal(ids.new_id(), "reviewer", frozenset({"a:b"}), "sid", authority=claim)


def test_token_gives_back_its_principal_until_it_expires(tmp_path):
    files = write_key_files(tmp_path)
    minter, verifier = (
        IdentityMinter(files.identity_private),
        IdentityVerifier(files.identity_public),
    )
    principal = a_principal()
    token = minter.mint(principal)

    assert verifier.verify(token) == principal == principal_of(principal.claims())
    with clock.frozen(clock.now() + timedelta(seconds=61)), pytest.raises(Unauthorised):
        verifier.verify(token)


def test_what_an_expired_token_said_is_let_go(tmp_path):
    """A minute's tokens are a few, half an hour's are megabytes."""
    files = write_key_files(tmp_path)
    minter, verifier = (
        IdentityMinter(files.identity_private),
        IdentityVerifier(files.identity_public),
    )
    sessions = {f"let-go-{number}" for number in range(50)}
    for session in sessions:
        verifier.verify(minter.mint(replace(a_principal(), session_id=session)))
    assert remembered(sessions) == sessions

    with clock.frozen(clock.now() + timedelta(seconds=61)):
        verifier.verify(minter.mint(a_principal()))

    assert remembered(sessions) == set()


def remembered(sessions):
    gc.collect()
    held = (each for each in gc.get_objects() if type(each) is Principal)
    return {each.session_id for each in held} & sessions


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_anything_but_a_token_is_unauthorised(tmp_path, token):
    verifier = IdentityVerifier(write_key_files(tmp_path).identity_public)

    with pytest.raises(Unauthorised):
        verifier.verify(token)


def test_token_of_other_keys_is_forged(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    verifier = IdentityVerifier(write_key_files(ours).identity_public)
    forged = IdentityMinter(write_key_files(theirs).identity_private).mint(a_principal())

    with pytest.raises(Unauthorised):
        verifier.verify(forged)


@pytest.mark.parametrize(
    ("level", "region", "asked", "covered"),
    [
        ("national", "000000", "330106", True),
        ("province", "330000", "330106", True),
        ("province", "330000", "110108", False),
        ("city", "330100", "330106", True),
        ("city", "330100", "330203", False),
        ("county", "330106", "330106", True),
        ("county", "330106", "330105", False),
    ],
)
def test_jurisdiction_follows_the_region_code(level, region, asked, covered):
    assert AuthorityClaim(ids.new_id(), level, "education", region).covers(asked) is covered


def test_row_scope_is_checked_against_the_principal():
    own, reviewer = ids.new_id(), a_principal()
    admin = Principal(ids.new_id(), "inst_admin", frozenset(), "s", institution_id=own)

    admin.require_own(own)
    reviewer.require_jurisdiction("330106")
    with pytest.raises(OtherInstitution):
        admin.require_own(ids.new_id())
    with pytest.raises(OutsideJurisdiction):
        admin.require_jurisdiction("330106")
    with pytest.raises(OutsideJurisdiction):
        reviewer.require_jurisdiction("110108")


def test_ids_sort_by_time():
    made = [ids.new_id() for _ in range(50)]

    assert made == sorted(made)
    assert {each.version for each in made} == {7}


def test_business_clock_is_shifted_and_the_real_one_is_not():
    try:
        with clock.frozen(datetime(2026, 11, 24, 17, 0, tzinfo=UTC)):
            clock.set_offset(-770)
            assert clock.now().date() == date(2026, 11, 24)
            assert clock.today() == date(2024, 10, 16), "17:00 UTC is the next day in Shanghai"
    finally:
        clock.set_offset(0)


def test_shifted_clock_is_refused_in_production(monkeypatch):
    monkeypatch.setenv("OTSP_ENV", "production")
    monkeypatch.setenv("OTSP_CLOCK_OFFSET_DAYS", "-1")

    with pytest.raises(ValueError, match="OTSP_CLOCK_OFFSET_DAYS must be 0"):
        ServiceSettings.load(
            "staff", database_url="x", identity_public_keys="x", pii_keys="x", files_dir="x"
        )


CALENDAR = workcalendar.WorkCalendar(
    date(2024, 1, 1),
    date(2024, 12, 31),
    {date(2024, 10, 1): False, date(2024, 10, 12): True},
    holidays={date(2025, 1, 1)},
)


@pytest.mark.parametrize(
    ("day", "is_rest"),
    [
        (date(2024, 10, 1), True),
        (date(2024, 10, 12), False),
        (date(2024, 10, 13), True),
        (date(2024, 10, 15), False),
        (date(2025, 1, 1), True),
        (date(2025, 1, 2), False),
    ],
)
def test_rest_days_follow_the_table_then_the_weekday(day, is_rest):
    assert CALENDAR.is_rest_day(day) is is_rest
    assert CALENDAR.covers(day) is (day.year == 2024)


def test_working_days_are_counted_across_holidays_and_make_up_days():
    assert CALENDAR.add_working_days(date(2024, 10, 11), 1) == date(2024, 10, 12)
    assert CALENDAR.add_working_days(date(2024, 12, 31), 1) == date(2025, 1, 2)


def test_job_runs_on_one_replica_and_its_failure_is_counted(kit):
    runs: list[str] = []

    def nested() -> None:
        runs.append("ran")
        assert run_job(kit.runtime, Job("sweep", 60, lambda: runs.append("twice"))) is False

    def broken() -> None:
        raise RuntimeError

    assert run_job(kit.runtime, Job("sweep", 60, nested)) is True
    run_job(kit.runtime, Job("sweep", 60, broken))

    assert runs == ["ran"]
    with kit.runtime.database.autocommit.connect() as reader:
        row = reader.execute(select(job_run)).one()
    assert (row.name, row.failures) == ("sweep", 1)
    assert row.last_success_at is not None
    assert metrics.JOB_LAST_SUCCESS.labels("sample", "sweep")._value.get() > 0


def test_job_that_ended_well_or_badly_leaves_its_turn_to_other_replicas(kit):
    def broken() -> None:
        raise RuntimeError

    for work in (lambda: None, broken):
        run_job(kit.runtime, Job("sweep", 60, work))

        with kit.runtime.database.autocommit.connect() as reader:
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            assert reader.exec_driver_sql(held).scalar() == 0


def test_job_that_goes_on_succeeding_is_noted_once_a_minute_and_a_failure_at_once(kit):
    moments = []
    noted = Noted()

    def ran(job, at):
        with clock.frozen(at):
            run_job(kit.runtime, Job("sweep", 1, job), noted)
        with kit.runtime.database.autocommit.connect() as reader:
            row = reader.execute(select(job_run)).one()
        moments.append((row.last_success_at, row.failures))

    def well() -> None:
        """Nothing to do."""

    def broken() -> None:
        raise RuntimeError

    begun = datetime(2024, 10, 15, 8, tzinfo=UTC)
    seconds = [begun + timedelta(seconds=after) for after in (0, 59, 60, 61, 62)]
    for job, at in zip([well, well, well, broken, well], seconds, strict=True):
        ran(job, at)

    last = seconds[2]
    assert moments == [(begun, 0), (begun, 0), (last, 0), (last, 1), (seconds[4], 0)]


def test_schema_is_what_the_models_say_and_migrating_again_changes_nothing(kit):
    assert upgrade("otsp_testkit.sample", kit.owner_url) == "0001_create_sample"
    assert undeclared_changes(kit.owner_url, Base.metadata) == []


def test_health_tells_what_is_wrong(kit):
    client = kit.anonymous()

    assert [client.get(path).status for path in ("/livez", "/readyz", "/startupz")] == [200] * 3


def test_log_lines_are_json_with_the_calls_ids_and_without_personal_data(kit):
    stream = io.StringIO()
    log.configure("INFO")
    logging.getLogger().handlers[0].setStream(stream)

    with kit.active():
        log.get_logger().info("item_added", item_id="1", mobile="13800000001")

        log.get_logger().error("item_lost", exc_info=RuntimeError("330199197803129904"))

    line, error_line = map(json.loads, stream.getvalue().splitlines())
    assert error_line["exception"] == ["RuntimeError"]
    assert (line["event"], line["level"], line["service"]) == ("item_added", "info", "sample")
    assert line["request_id"]
    assert line["mobile"] == "[dropped]"


def test_run_that_is_late_or_skipped_is_no_warning_and_one_that_failed_is_an_error():
    stream = io.StringIO()
    log.configure("INFO")
    logging.getLogger().handlers[0].setStream(stream)

    logging.getLogger("apscheduler.scheduler").warning("Execution of job skipped")
    logging.getLogger("apscheduler.executors.default").error("Job raised an exception")

    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == ["error"]


def test_lines_can_be_listened_to_however_often_logs_were_configured():
    logger = log.get_logger()
    for _ in range(2):
        log.configure("INFO")
        logger.info("item_added")

    with capture_logs() as lines:
        logger.info("item_lost")

    assert [line["event"] for line in lines] == ["item_lost"]


def test_level_is_the_newest_asked_for_even_of_loggers_that_spoke_before():
    log.configure("ERROR")
    logger = log.get_logger()
    logger.warning("before")
    stream = io.StringIO()

    log.configure("INFO", stream)
    logger.info("item_added")
    logger.debug("item_read")
    log.configure("ERROR", stream)
    logger.warning("item_late")
    log.configure("INFO")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["item_added"]


def test_every_problem_has_its_own_slug_and_a_chinese_sentence():
    problems = list(all_problems())
    slugs = [problem.slug for problem in problems]

    assert len(slugs) == len(set(slugs))
    for problem in problems:
        assert 400 <= problem.status < 600
        assert problem.detail_zh[-1] in "。改", problem


def test_runtime_is_only_current_behind_a_door(kit):
    with pytest.raises(LookupError):
        pii.encrypt("x")
    with activate(kit.runtime):
        assert pii.decrypt(pii.encrypt("x")) == "x"
