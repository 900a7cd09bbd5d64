"""What ./dev audit finds, and that it says so when nobody could be asked."""

import json
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from otsp_local import environment
from otsp_local.audit import __main__ as command
from otsp_local.audit import advisories, leaks, licences, locked

OLD = ("jinja2", "2.4.1")
PLANTED = "AKIA" + "Z7Q2M4X6W8V0T1S3"
"""Looks like a key of a cloud; put together here, so that this file holds none."""


@pytest.fixture(scope="session")
def tool():
    """pip-audit, in its own environment."""
    environment.make(environment.AUDIT.name, sys.executable)


@pytest.fixture
def checkout(tmp_path):
    """A small repository: two locks that differ in a version, and what else the audit reads."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "docs" / "security").mkdir(parents=True)
    (tmp_path / "requirements" / "runtime.lock").write_text(
        "one==1.0 \\\n    --hash=sha256:aa\nTwo_Words==2.0 ; sys_platform == 'win32' \\\n"
    )
    (tmp_path / "requirements" / "dev.lock").write_text("one==1.1\n")
    (tmp_path / "requirements" / "advisories.yaml").write_text("{}\n")
    (tmp_path / "docs" / "security" / "false-alarms.yaml").write_text("[]\n")
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    return tmp_path


def git(root, *words):
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def commit(root, message="a change"):
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


# --- published faults


@pytest.fixture
def service():
    """Speaks as OSV does; `knows` holds faults by package and version, `status` refuses all."""

    class Answers(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            pin = (wanted["package"]["name"], wanted["version"])
            self.asked.append(pin)
            told = {"vulns": [fault(pin, each) for each in self.knows.get(pin, ())]}
            body = json.dumps(told if told["vulns"] else {}).encode()
            self.send_response(self.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    Answers.knows, Answers.asked = {OLD: ["CVE-2014-1402"]}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Answers.url = f"http://127.0.0.1:{server.server_port}/v1/query"
    yield Answers
    server.shutdown()
    server.server_close()
    thread.join()


def fault(pin, name):
    events = [{"introduced": "0"}, {"fixed": "9.9"}]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    package = {"name": pin[0], "ecosystem": "PyPI"}
    return {"id": name, "summary": "…", "affected": [{"package": package, "ranges": ranges}]}


def audited(checkout, monkeypatch, *words):
    monkeypatch.setattr(command, "ROOT", checkout)
    return command.main(words)


def test_a_planted_advisory_is_found_with_package_lock_and_mended_version(
    tool, checkout, service, monkeypatch, capsys
):
    service.knows = {OLD: ["CVE-2014-1402"], ("one", "1.1"): ["PYSEC-1"]}

    status = audited(checkout, monkeypatch, "advisories", "--osv", service.url)

    assert status == command.FOUND
    assert "one 1.1 (dev.lock): PYSEC-1; mended in 9.9" in capsys.readouterr().out


def test_every_version_of_every_lock_is_asked_about_whatever_its_platform(
    tool, checkout, service, monkeypatch
):
    status = audited(checkout, monkeypatch, "advisories", "--osv", service.url)

    assert status == 0
    assert set(service.asked) == {OLD, ("one", "1.0"), ("one", "1.1"), ("two-words", "2.0")}


def test_an_accepted_advisory_is_passed_over_until_nobody_tells_it(
    tool, checkout, service, monkeypatch
):
    (checkout / "requirements" / "advisories.yaml").write_text("PYSEC-1: not imported\n")

    service.knows = {OLD: ["CVE-2014-1402"], ("one", "1.1"): ["PYSEC-1"]}
    accepted = audited(checkout, monkeypatch, "advisories", "--osv", service.url)
    service.knows = {OLD: ["CVE-2014-1402"]}
    stale = audited(checkout, monkeypatch, "advisories", "--osv", service.url)

    assert (accepted, stale) == (0, command.NOT_ASKED)


def test_an_advisory_accepted_without_a_reason_is_refused(checkout):
    (checkout / "requirements" / "advisories.yaml").write_text("PYSEC-1:\n")

    with pytest.raises(advisories.NotAsked, match="without a reason: PYSEC-1"):
        advisories._accepted(checkout)


@pytest.mark.parametrize("state", ["gone", "refuses", "knows nothing"])
def test_a_service_that_cannot_tell_is_no_good_news(
    tool, checkout, service, monkeypatch, capsys, state
):
    url = service.url
    match state:
        case "gone":
            url = "http://127.0.0.1:9/v1/query"
        case "refuses":
            service.status = 503
        case "knows nothing":
            service.knows = {}

    status = audited(checkout, monkeypatch, "advisories", "--osv", url)

    told = capsys.readouterr()
    assert status == command.NOT_ASKED
    assert "NOT ASKED: " in told.err
    assert "None of the 2 packages was asked about" in told.err
    assert "found" not in told.out


def test_a_package_without_an_answer_is_named(checkout, monkeypatch):
    """As PyPI's service answers for what it does not know: pip-audit passes over it."""
    answer = {"dependencies": [{"name": "one", "skip_reason": "not found on PyPI"}]}
    done = subprocess.CompletedProcess((), 0, json.dumps(answer), "")
    monkeypatch.setattr(advisories.subprocess, "run", lambda *_, **__: done)

    with pytest.raises(advisories.NotAsked, match=r"no answer about one 1\.0"):
        advisories._ask([("one", "1.0")], None)


# --- secrets


def test_a_planted_secret_is_found_by_place_and_not_shown(checkout, monkeypatch, capsys):
    (checkout / "notes.md").write_text(f"first\nkey = {PLANTED}\n")

    status = audited(checkout, monkeypatch, "secrets")

    told = capsys.readouterr()
    assert status == command.FOUND
    assert "notes.md:2: AWS Access Key" in told.out
    assert PLANTED not in told.out + told.err


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "password: " + '"Tr0ub4dor-and-3"',
        "amqp://otsp:" + "Tr0ub4dor@broker/",
        '{"d": "' + "OfBRklg591aIUTuB_Sz5v883rUD7-URtuBxFLeQvHvE" + '"}',
        "x" * 5000 + f" {PLANTED} " + "y" * 5000,
        "x" * 1995 + f" {PLANTED} " + "y" * 100,
    ],
    ids=["private key", "password", "address", "jwk", "long line", "over a seam"],
)
def test_kinds_of_secrets_that_are_found(checkout, line):
    (checkout / "planted.txt").write_text(f"{line}\n")

    assert [leak.where for leak in leaks.find_in_files(checkout)][:1] == ["planted.txt:1"]


def test_a_secret_that_was_removed_again_is_found_in_the_history(checkout):
    (checkout / "once.txt").write_text(f"{PLANTED}\n")
    commit(checkout)
    (checkout / "once.txt").unlink()
    commit(checkout)

    found = leaks.list_leaks(checkout)

    assert list(leaks.find_in_files(checkout)) == []
    assert len(found) == 1
    assert found[0].startswith("once.txt:")


@pytest.mark.parametrize("where", ["message", "other branch"])
def test_a_secret_in_a_commits_message_or_on_another_branch_is_found(checkout, where):
    if where == "message":
        commit(checkout, f"Use {PLANTED}")
    else:
        git(checkout, "switch", "-q", "-c", "aside")
        (checkout / "aside.txt").write_text(f"{PLANTED}\n")
        commit(checkout)
        git(checkout, "switch", "-q", "main")

    assert len(leaks.list_leaks(checkout)) == 1


def test_a_false_alarm_holds_where_it_fits_only_and_must_meet_something(checkout):
    alarms = checkout / "docs" / "security" / "false-alarms.yaml"
    alarms.write_text(f"- {{reason: made up, values: ['{PLANTED[:4]}*'], files: ['tests/*']}}\n")
    nothing = leaks.list_leaks(checkout)
    (checkout / "tests").mkdir()
    (checkout / "tests" / "one.txt").write_text(f"{PLANTED}\n")
    fitting = leaks.list_leaks(checkout)
    (checkout / "elsewhere.txt").write_text(f"{PLANTED}\n")
    elsewhere = leaks.list_leaks(checkout)

    assert nothing == ["docs/security/false-alarms.yaml: nothing raises “made up”"]
    assert fitting == []
    assert elsewhere == ["elsewhere.txt:1: AWS Access Key"]


def test_where_the_history_was_left_behind_no_false_alarm_is_called_needless(checkout, tmp_path):
    shallow = tmp_path / "shallow"
    command = ["git", "clone", "--quiet", "--depth=1", f"file://{checkout}", str(shallow)]
    subprocess.run(command, check=True)
    alarms = shallow / "docs" / "security" / "false-alarms.yaml"
    alarms.write_text(f"- {{reason: made up, values: ['{PLANTED[:4]}*']}}\n")

    assert leaks.list_leaks(shallow) == []


def test_where_git_is_not_the_audit_says_that_it_did_not_look(checkout, monkeypatch, capsys):
    shutil.rmtree(checkout / ".git")

    status = audited(checkout, monkeypatch, "secrets")

    assert status == command.NOT_ASKED
    assert "NOT ASKED: git ls-files" in capsys.readouterr().err


# --- licences


def table(checkout, **rows):
    lines = "".join(f"{name.replace('_', '-')}\t{licence}\n" for name, licence in rows.items())
    (checkout / "requirements" / "licences.tsv").write_text(f"package\tlicence\n{lines}")
    return list(licences.find_faults(checkout, checkout / "no-environment"))


@pytest.fixture
def no_exceptions(monkeypatch):
    monkeypatch.setattr(licences, "EXCEPTIONS", {})


@pytest.mark.parametrize(
    ("licence", "faults"),
    [
        ("MIT", []),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", []),
        ("not told", ["one: no licence in requirements/licences.tsv; read it, then"]),
        ("AGPL-3.0-only", ["one: AGPL-3.0-only is not among", "one: AGPL-3.0-only, and it is"]),
        ("MIT AND SSPL-1.0", ["one: MIT AND SSPL-1.0 is not among"]),
    ],
)
def test_a_planted_licence_is_judged(checkout, no_exceptions, licence, faults):
    found = table(checkout, one=licence, two_words="MIT")

    assert len(found) == len(faults)
    assert all(each.startswith(start) for each, start in zip(found, faults, strict=True))


def test_a_new_package_without_a_row_and_a_row_without_a_package_are_found(checkout, no_exceptions):
    found = table(checkout, one="MIT", three="MIT")

    assert found[0] == "three: in requirements/licences.tsv, in no lock"
    assert found[1].startswith("two-words: no licence")


def test_an_exception_must_be_needed_and_never_ships_a_gpl(checkout, monkeypatch):
    monkeypatch.setattr(licences, "EXCEPTIONS", {"one": "…", "two-words": "…", "four": "…"})

    found = table(checkout, one="MIT", two_words="GPL-2.0-only")

    assert found == [
        "one: an exception that is not needed",
        "two-words: GPL-2.0-only, and it is passed on with the platform",
        "four: an exception for a package that no lock names",
    ]


def test_a_package_that_changed_its_licence_is_found(checkout, no_exceptions):
    folder = checkout / "env" / "lib" / "python3.11" / "site-packages" / "one-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Name: one\nVersion: 1.0\nLicense-Expression: BUSL-1.1\n")
    table(checkout, one="MIT", two_words="MIT")

    found = list(licences.find_faults(checkout, checkout / "env"))

    assert found == ["one: MIT in requirements/licences.tsv, BUSL-1.1 by the package itself"]


def test_writing_the_table_keeps_what_was_read_by_hand(checkout, no_exceptions):
    table(checkout, one="0BSD", two_words="PSF-2.0")

    licences.write_table(checkout, checkout / "no-environment")

    assert licences.read_table(checkout) == {"one": "0BSD", "two-words": "PSF-2.0"}


# --- this repository


def test_no_package_of_our_locks_has_a_licence_that_is_not_taken():
    assert list(licences.find_faults(environment.ROOT, environment.VENV)) == []
    assert len(locked.list_locked(environment.ROOT)) > 150
