"""What counts as a warning, in each of the formats in which the platform's processes write."""

import pytest
from drill.surge import calm
from drill.surge.calm import is_loud, search

LOUD = [
    '{"event": "sections_asked_again", "level": "warning", "ts": "2026-11-30T07:00:00Z"}',
    '{"event": "request_failed", "level": "error"}',
    '{"event": "half a li',
    "2026-11-30 07:00:00.000 UTC [1] ERROR:  deadlock detected",
    "2026-11-30 07:00:00.000 UTC [1] FATAL:  too many connections for role",
    "2026-11-30 07:00:00.000 UTC [1] WARNING:  there is no transaction in progress",
    "2026-11-30 07:00:00.000000+00:00 [warning] <0.700.0> closing AMQP connection <0.700.0>",
    "2026-11-30 07:00:00.000000+00:00 [error] <0.700.0> Supervisor",
    "2026/11/30 07:00:00 [warn] 7#7: *1 an upstream response is buffered",
    "2026/11/30 07:00:00 [error] 7#7: *1 connect() failed",
    "/x/site-packages/y.py:3: DeprecationWarning: old",
    "Traceback (most recent call last):",
    "[2026-11-30 07:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:8)",
]
QUIET = [
    '{"event": "worker_started", "level": "info"}',
    '{"event": "warning_given", "level": "info"}',
    "2026-11-30 07:00:00.000 UTC [1] LOG:  checkpoint starting: time",
    "2026-11-30 07:00:00.000000+00:00 [info] <0.1.0> accepting AMQP connection",
    "2026/11/30 07:00:00 [notice] 7#7: start worker processes",
    "",
]


@pytest.mark.parametrize("line", LOUD)
def test_a_loud_line_is_found(line):
    assert is_loud(line)


@pytest.mark.parametrize("line", QUIET)
def test_a_calm_line_is_not(line):
    assert not is_loud(line)


def test_every_log_of_the_folder_is_searched_those_of_earlier_lives_too(tmp_path):
    (tmp_path / "api-staff.log").write_text("\n".join([*QUIET, LOUD[0], ""]))
    (tmp_path / "worker-staff.log.1").write_text(LOUD[1])
    (tmp_path / "gateway.log").write_text("\n".join(QUIET))

    found = search(tmp_path)

    assert [(each.log, each.text) for each in found] == [
        ("api-staff", LOUD[0]),
        ("worker-staff", LOUD[1]),
    ]


def test_what_is_allowed_is_so_in_its_log_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(calm, "ALLOWED", {"postgres": [("deadlock", "as an example")]})
    for name in ("postgres", "rabbitmq"):
        (tmp_path / f"{name}.log").write_text(LOUD[3])

    assert [each.log for each in search(tmp_path)] == ["rabbitmq"]


def test_what_is_allowed_has_a_reason():
    assert all(why for lines in calm.ALLOWED.values() for _, why in lines)
