"""A backup taken while institutions file is one point: what comes back of it is a whole platform.

R8: into empty databases on another server and an empty store, and the platform goes on.
"""

import hashlib
import importlib.util
import json
import shutil
import threading
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import select

from otsp_chassis import clock, metrics
from otsp_chassis.audit.signing import HeadVerifier
from otsp_chassis.audit.verifying import verify
from otsp_chassis.blobs.folder import FolderStore
from otsp_chassis.bus.connecting import depths
from otsp_chassis.signing import PublicKeys
from otsp_chassis.tables import attachment
from otsp_cli.__main__ import main
from otsp_cli.backups import cut as cutting
from otsp_cli.backups import taking
from otsp_cli.backups.cut import Cut, Snapshot, cut
from otsp_compliance.model import Receipt
from otsp_compliance.model.log_proof import verify_log
from otsp_compliance.model.receipt_proof import KIND
from otsp_local.postgres import LocalPostgres
from otsp_local.processes import wait_until
from otsp_testkit import PlatformKit, ServiceKit

FINAL = {
    "submitted",
    "returned",
    "precheck_failed",
    "withdrawn",
    "gather_failed",
    "awaiting_acknowledgement",
}
FILE = "/api/compliance/v1/applications"


@pytest.fixture(scope="module")
def republishing():
    """The copies of others' data, and how they are told again."""
    file = Path(__file__).parent / "test_republish.py"
    spec = importlib.util.spec_from_file_location("flow_republish", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Another server, with the roles and nothing in its databases."""
    server = LocalPostgres(tmp_path_factory.mktemp("elsewhere"), fsync=False)
    server.start()
    yield server
    server.erase()


def tell(monkeypatch, urls, files, claims):
    monkeypatch.setenv("OTSP_ENV", "test")
    monkeypatch.setenv("OTSP_FILES_DIR", str(files))
    monkeypatch.setenv("OTSP_CLAIMS_DIR", str(claims))
    for service, (application, owner) in urls.items():
        monkeypatch.setenv(f"OTSP_{service.upper()}_DATABASE_URL", application)
        monkeypatch.setenv(f"OTSP_{service.upper()}_MIGRATION_DATABASE_URL", owner)


def urls_of(platform):
    return {
        name: (kit.runtime.settings.database_url, kit.owner_url)
        for name, kit in platform.kits.items()
    }


@pytest.fixture
def here(town, monkeypatch, tmp_path):
    """The town's platform, as `otsp` is told of it: the kits' folders seen as one."""
    files = tmp_path / "files"
    files.mkdir()
    for name, kit in town.platform.kits.items():
        own = kit.runtime.settings.files_dir / name
        own.mkdir(exist_ok=True)
        (files / name).symlink_to(own)
    claims = town.platform.kits["staff"].runtime.settings.claims_dir
    tell(monkeypatch, urls_of(town.platform), files, claims)
    return town


def holds_tables(url):
    """A test before this one may have restored all six, or one."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass('outbox') IS NOT NULL").fetchone()[0]


@contextmanager
def restored(elsewhere, monkeypatch, folder, *, keys, place):
    """The platform that comes of a backup; its databases are empty again afterwards."""
    services = {each.name: each for each in SERVICES()}
    made = elsewhere.ensure_service_databases(services)
    urls = {name: (each.app_url, each.owner_url) for name, each in made.items()}
    tell(monkeypatch, urls, folder, folder)
    words = ["--replace"] if any(holds_tables(each.owner_url) for each in made.values()) else []
    assert main(["restore", "--from", str(place), *words]) == 0
    kits = [
        ServiceKit(each, elsewhere, keys=keys, files_dir=folder, settings={"claims_dir": folder})
        for each in services.values()
    ]
    try:
        yield PlatformKit(kits)
    finally:
        for kit in kits:
            kit.close()


def SERVICES():  # noqa: N802 - a fixture of the stage, not of this module
    spec = importlib.util.spec_from_file_location("flow_town", Path(__file__).parent / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.services())


def back_up(place, capsys, *words):
    capsys.readouterr()
    code = main(["backup", "--to", str(place), "--json", *words])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


class Traffic:
    """Institutions that file, and withdraw what passed, until they are told to stop; what they were
    told when.
    """

    def __init__(self, town):
        self._town = town
        self._over = threading.Event()
        self.filed = []
        self.refused = ""
        self._threads = [
            threading.Thread(target=self._go_on, args=(sample,)) for sample in ("A", "B", "C")
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def await_more(self, count):
        wanted = len(self.filed) + count
        assert wait_until(lambda: len(self.filed) >= wanted, seconds=60), self.refused

    def _go_on(self, sample):
        while not self._over.is_set():
            body = {"institution_id": self._town.desks[sample].institution_id, "kind": "initial"}
            answer = self._town.call(sample, "POST", FILE, json=body)
            if answer.status_code != 202:
                self.refused = answer.text
                self._over.wait(0.05)
                continue
            application = f"{FILE}/{answer.json()['application_id']}"
            self.filed.append((answer.json()["application_id"], clock.now()))
            while self._town.call(sample, "GET", application).json().get("state") not in FINAL:
                if self._over.wait(0.05):
                    return
            self._town.call(sample, "POST", f"{application}/withdrawal")


def query(kit, statement):
    with psycopg.connect(kit.owner_url) as connection:
        return connection.execute(statement).fetchall()


def applications(platform):
    rows = query(platform.kits["compliance"], "SELECT application_id::text, state FROM application")
    return dict(rows)


def effects_without_cause(platform):
    """Applications that somebody locked for, or has a case of, and compliance does not know."""
    known = applications(platform)
    return {
        (name, application)
        for name in ("institution", "staff", "materials", "courses")
        for (application,) in query(
            platform.kits[name], "SELECT application_id::text FROM review_lock"
        )
        if application not in known
    }


def broken_files(platform):
    """Named by a row, and not there or not the same."""
    broken, count = [], 0
    for name, kit in platform.kits.items():
        with kit.runtime.database.autocommit.connect() as reader:
            rows = reader.execute(select(attachment).where(attachment.c.deleted_at.is_(None))).all()
        for row in rows:
            count += 1
            with kit.runtime.blobs.open(row.storage_key) as stream:
                if hashlib.sha256(stream.read()).digest() != row.sha256:
                    broken.append((name, row.storage_key))
    assert count > 10
    return broken


def broken_trails(platform, keys):
    heads = HeadVerifier(keys.audit_public)
    for kit in platform.kits.values():
        kit.run_job("seal_audit_trail")
    reports = [verify(name, kit.runtime.database, heads) for name, kit in platform.kits.items()]
    return [each for each in reports if each.fault_count or not each.sealed]


def receipts_that_hold(platform, keys):
    published = PublicKeys(json.loads(Path(keys.receipt_public).read_text(encoding="utf-8")))
    with platform.kits["compliance"].runtime.database.autocommit.connect() as reader:
        signed = reader.execute(select(Receipt.jws)).scalars().all()
    return [published.verify(each, KIND) for each in signed]


def published_log(platform):
    """The log of decisions, as whoever is outside proves it."""
    client = platform.http()
    base = "/api/compliance/v1/public"
    entries = client.get(f"{base}/log").json()["items"]
    heads = client.get(f"{base}/log/heads").json()["items"]
    return entries, verify_log(entries, heads, PublicKeys(client.get(f"{base}/jwks").json()))


def returned_once(town):
    """A was filed, accepted and returned: a decision with its receipts, and logged."""
    application = town.filed("A", acknowledged_warnings=["SIT-006"])
    case = f"/api/compliance/v1/cases/{application['case_id']}"
    town.reviewer("330106").post(f"{case}/acceptance", {})
    given = {"decision": "return", "reason": "材料不齐", "warnings_read": application["warnings"]}
    town.head("330106").post(f"{case}/decisions", given)
    town.platform.settle()
    town.platform.kits["compliance"].run_job("seal_transparency_log")


def test_a_backup_under_traffic_comes_back_as_a_whole_platform(
    here, elsewhere, key_files, republishing, monkeypatch, tmp_path, capsys
):
    returned_once(here)
    with here.platform.working(), Traffic(here) as traffic:
        traffic.await_more(4)
        code, told = back_up(tmp_path / "place", capsys)
        traffic.await_more(2)
    assert code == 0
    assert main(["verify-backup", "--from", str(tmp_path / "place"), "--deep"]) == 0
    store = tmp_path / "restored"
    instant = datetime.fromisoformat(told["instant"])
    acknowledged = {each for each, at in traffic.filed if at < instant}

    with restored(
        elsewhere, monkeypatch, store, keys=key_files, place=tmp_path / "place"
    ) as platform:
        assert acknowledged <= applications(platform).keys(), "lost, though it was acknowledged"
        assert effects_without_cause(platform) == set()
        assert broken_files(platform) == []

        platform.settle()
        for kit in platform.kits.values():
            kit.work.inbox.retry_due()

        assert platform.set_aside() == []
        assert set(applications(platform).values()) <= FINAL
        assert broken_trails(platform, key_files) == []
        assert receipts_that_hold(platform, key_files)
        entries, log = published_log(platform)
        assert (len(entries), log.fault_count) == (1, 0)
        twin = Twin(platform)
        republishing.tell_again(twin)
        copies = republishing.copies(twin)
        republishing.lose_copies(twin)
        republishing.tell_again(twin)
        assert republishing.copies(twin) == copies


class Twin:
    """What telling again asks of a town."""

    def __init__(self, platform):
        self.platform = platform


def test_snapshots_one_after_the_other_hold_effects_without_their_cause(
    here, elsewhere, key_files, monkeypatch, tmp_path, capsys
):
    """What the cut is for; and that the drill would notice."""

    @contextmanager
    def one_later(urls, depths):
        first = {"compliance": urls["compliance"]}
        others = {name: url for name, url in urls.items() if name != "compliance"}
        with cut(first, depths) as early:
            here.filed("A")
            with cut(others, depths) as late:
                both = {**early.snapshots, **late.snapshots}
                yield Cut(early.instant, both, paused_ms=0, undelivered={})

    monkeypatch.setattr(taking, "cut", one_later)
    assert back_up(tmp_path / "place", capsys)[0] == 0

    with restored(
        elsewhere,
        monkeypatch,
        tmp_path / "restored",
        keys=key_files,
        place=tmp_path / "place",
    ) as platform:
        assert effects_without_cause(platform)


def test_at_the_instant_nobody_can_tell_others_of_a_change(here, monkeypatch):
    refused = []
    exported = cutting._snapshot

    def beside(reader):
        for name, kit in here.platform.kits.items():
            with psycopg.connect(kit.owner_url) as connection:
                connection.execute("SET lock_timeout = '20ms'")
                try:
                    connection.execute("DELETE FROM outbox WHERE false")
                except LockNotAvailable:
                    refused.append(name)
        return exported(reader)

    monkeypatch.setattr(cutting, "_snapshot", beside)
    urls = {name: application for name, (application, _) in urls_of(here.platform).items()}

    with cut(urls, None) as taken:
        assert refused == list(urls) * len(urls)
        for kit in here.platform.kits.values():
            query(kit, "DELETE FROM outbox WHERE false RETURNING 1")
        assert all(isinstance(each, Snapshot) for each in taken.snapshots.values())


def test_with_a_broker_relays_are_held_until_its_queues_are_empty(here, monkeypatch):
    monkeypatch.setattr(cutting, "QUIET_SECONDS", 0.1)
    urls = {name: application for name, (application, _) in urls_of(here.platform).items()}
    waiting = []

    def depths():
        """The first look files an application: its events must stay where they are."""
        if not waiting:
            here.file("A")
        waiting.append(len(here.platform.kits["compliance"].published()))
        return {"staff.events.q1": max(0, 3 - len(waiting))}

    with here.platform.working():
        with cut(urls, depths) as taken:
            assert taken.undelivered == {}
            [(kept,)] = taken.snapshots["compliance"].reader.execute("SELECT count(*) FROM outbox")
        assert kept == waiting[-1] > 0
        assert wait_until(lambda: set(applications(here.platform).values()) <= FINAL, seconds=20)


def test_queues_that_nobody_reads_are_told_of(here, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cutting, "PATIENCE_SECONDS", 0.2)
    urls = {name: application for name, (application, _) in urls_of(here.platform).items()}

    with cut(urls, lambda: {"staff.events.q1": 7, "auth.events.q1": 0}) as taken:
        assert taken.undelivered == {"staff.events.q1": 7}

    assert "staff.events.q1" in capsys.readouterr().err


def test_a_broker_that_is_down_hinders_no_backup(here, capsys):
    urls = {"staff": urls_of(here.platform)["staff"][0]}

    with cut(urls, lambda: depths("amqp://127.0.0.1:9/otsp", ["staff.events.q1"])) as taken:
        assert taken.undelivered == cutting.UNTOLD

    assert "cannot be asked" in capsys.readouterr().err


def some_file(folder):
    return next(path for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_backup_that_lost_or_changed_anything_is_not_whole(
    here, elsewhere, monkeypatch, tmp_path, capsys
):
    place = tmp_path / "place"
    _, told = back_up(place, capsys)
    whole = ["verify-backup", "--from", str(place)]
    assert main(whole) == 0

    file = some_file(place / "files" / "staff")
    content = file.read_bytes()
    file.write_bytes(bytes(len(content)))
    assert (main(whole), main([*whole, "--deep"])) == (0, 1)
    file.unlink()
    assert main(whole) == 1
    dump = place / "sets" / told["set"] / "auth.dump"
    dump.write_bytes(dump.read_bytes()[:-1])
    assert main(whole) == 1
    assert "auth.dump is not what was written" in capsys.readouterr().err


def test_a_file_that_the_platform_lost_is_told_of_and_no_success(here, tmp_path, capsys):
    back_up(tmp_path / "place", capsys)
    compliance = here.platform.kits["compliance"]
    [(first,)] = query(compliance, "SELECT last_success_at FROM job_run WHERE name = 'backup'")
    compliance.run_job("measure_backup")
    assert metrics.BACKUP_LAST_SUCCESS._value.get() == first.timestamp()
    staff = here.platform.kits["staff"]
    [(key,), *_] = query(staff, "SELECT storage_key FROM attachment WHERE deleted_at IS NULL")
    lost = next((staff.runtime.settings.files_dir / "staff").rglob(key))
    content = lost.read_bytes()
    shutil.rmtree(tmp_path / "place")
    lost.unlink()
    try:
        code, told = back_up(tmp_path / "place", capsys)
    finally:
        lost.write_bytes(content)

    assert (code, told["is_whole"]) == (1, False)
    assert main(["verify-backup", "--from", str(tmp_path / "place")]) == 1
    assert f"staff/{lost.name} was missing" in capsys.readouterr().err
    assert query(compliance, "SELECT last_success_at FROM job_run WHERE name = 'backup'") == [
        (first,)
    ]


def test_files_are_copied_once_and_older_sets_go(here, tmp_path, capsys, monkeypatch):
    place = tmp_path / "place"
    _, first = back_up(place, capsys)
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2100-01-01T00:00:00Z"))
    _, second = back_up(place, capsys, "--keep", "1")
    count = "SELECT count(*) FROM attachment WHERE deleted_at IS NULL"
    attachments = sum(query(kit, count)[0][0] for kit in here.platform.kits.values())

    assert first["files_copied"] == first["files"] >= attachments > 10
    assert second["files_copied"] == first["files_copied"] - attachments
    assert second["removed"] == [first["set"]]
    assert sorted(path.name for path in (place / "sets").iterdir()) == [second["set"]]
    assert main(["verify-backup", "--from", str(place), "--deep"]) == 0
    assert place.stat().st_mode & 0o077 == 0


def test_databases_that_hold_something_or_are_in_use_are_spared(here, tmp_path, capsys):
    back_up(tmp_path / "place", capsys)
    restore = ["restore", "--from", str(tmp_path / "place")]

    with (
        here.platform.kits["courses"].runtime.database.autocommit.connect(),
        pytest.raises(SystemExit) as refused,
    ):
        main([*restore, "--replace"])
    assert (refused.value.code, "stop API and worker" in capsys.readouterr().err) == (2, True)
    with pytest.raises(SystemExit) as refused:
        main(restore)
    assert (refused.value.code, "not empty" in capsys.readouterr().err) == (2, True)
    assert applications(here.platform) == {}


def test_a_backup_may_lie_in_a_bucket(here, elsewhere, object_store, monkeypatch, capsys, tmp_path):
    for name, value in {
        "ENDPOINT": object_store.endpoint,
        "REGION": object_store.region,
        "ACCESS_KEY": object_store.access_key,
        "SECRET_KEY": object_store.secret_key,
    }.items():
        monkeypatch.setenv(f"OTSP_BACKUP_S3_{name}", value)
    place = f"s3://{object_store.bucket}/nightly"
    assert back_up(place, capsys, "--services", "staff")[0] == 0
    assert main(["verify-backup", "--from", place]) == 0
    made = elsewhere.ensure_service_databases(["staff"])["staff"]
    folder = tmp_path / "restored"
    tell(monkeypatch, {"staff": (made.app_url, made.owner_url)}, folder, folder)

    assert main(["restore", "--from", place, "--services", "staff", "--replace"]) == 0

    kept = here.platform.kits["staff"].runtime
    with kept.database.autocommit.connect() as reader:
        keys = reader.execute(select(attachment.c.storage_key)).scalars().all()
    store = FolderStore(folder / "staff")
    for key in keys:
        with store.open(key) as back, kept.blobs.open(key) as there:
            assert back.read() == there.read()
    assert keys
