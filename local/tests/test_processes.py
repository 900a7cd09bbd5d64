"""Programs that outlive their starter: started, awaited, stopped, told apart."""

import os
import platform
import subprocess
import sys

import pytest

from otsp_local.console import StepFailed
from otsp_local.ports import free_port
from otsp_local.processes import Program, birth_of, wait_until

LISTEN = (
    "import sys, http.server as h\n"
    "h.test(h.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"
)
WAIT = "import signal; signal.pause()"
EXIT_OF_A_THREAD = {"x86_64": 60, "aarch64": 93, "arm64": 93}
"""What Linux calls it, by kind of machine."""
OUTLIVED = (
    "import ctypes, sys, threading\n"
    "threading.Thread(target=threading.Event().wait).start()\n"
    "ctypes.CDLL(None).syscall(int(sys.argv[1]), 0)"
)
"""Its first thread ends, another goes on: a moment in the end of every program with threads."""


@pytest.fixture
def program(tmp_path):
    def make(code, *arguments, name="child", **more):
        return Program(
            name=name,
            arguments=[sys.executable, "-c", code, *map(str, arguments)],
            environment={"PATH": "/usr/bin:/bin"},
            directory=tmp_path,
            **more,
        )

    return make


def test_a_server_is_awaited_until_it_answers_and_stopped_for_good(processes, program):
    port = free_port()
    served = program(LISTEN, port, ready_url=f"http://127.0.0.1:{port}/")

    processes.start(served)
    processes.await_ready([served], seconds=20)
    pid = processes.pid_of("child")
    processes.stop(["child"])

    assert birth_of(pid) is None
    assert processes.names() == []


def test_a_program_runs_until_its_last_thread_has_ended(processes, program):
    processes.start(program(OUTLIVED, EXIT_OF_A_THREAD[platform.machine()]))
    pid = processes.pid_of("child")
    assert wait_until(lambda: birth_of(pid) is None, seconds=20)

    assert processes.pid_of("child") == pid
    processes.stop(["child"])

    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # nothing is left of it


def test_starting_what_runs_already_starts_nothing(processes, program):
    assert processes.start(program(WAIT))
    pid = processes.pid_of("child")

    assert not processes.start(program(WAIT))
    assert processes.pid_of("child") == pid


def test_a_program_told_otherwise_is_replaced(processes, program):
    processes.start(program(WAIT))
    before = processes.pid_of("child")

    assert processes.start(program(WAIT, "another argument"))
    assert birth_of(before) is None
    assert processes.is_running("child")


def test_one_that_dies_early_is_reported_with_the_end_of_its_log(processes, program):
    dying = program(
        "for n in range(40): print('line', n)\nraise SystemExit(3)", ready_url="http://127.0.0.1:1/"
    )
    processes.start(dying)

    with pytest.raises(StepFailed) as failure:
        processes.await_ready([dying], seconds=20)

    text = str(failure.value)
    assert "child ended before it was ready (exit status 3)" in text
    assert "line 39" in text
    assert "line 19" not in text
    assert str(processes.log_of("child")) in text


def test_one_that_is_never_ready_is_given_up_at_the_deadline(processes, program):
    deaf = program(WAIT, ready_url=f"http://127.0.0.1:{free_port()}/")
    processes.start(deaf)

    with pytest.raises(StepFailed, match="child was not ready after 0 s"):
        processes.await_ready([deaf], seconds=0.2)


def test_one_that_will_not_stop_is_killed_with_its_children(processes, program):
    stubborn = program(
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print(child.pid, flush=True)\n"
        "signal.pause()",
    )
    processes.start(stubborn)
    assert wait_until(lambda: processes.last_lines("child").strip().isdigit(), seconds=20)
    grandchild = int(processes.last_lines("child"))

    processes.stop(["child"], seconds=0.2)

    assert wait_until(lambda: birth_of(grandchild) is None, seconds=5)


def test_a_pid_used_again_by_somebody_else_is_not_touched(processes, program):
    processes.start(program(WAIT))
    record = processes.directory / "process" / "child.json"
    mine = record.read_text()
    processes.stop(["child"])
    stranger = subprocess.Popen([sys.executable, "-c", WAIT])
    record.write_text(mine.replace(mine.split('"pid": ')[1].split(",")[0], str(stranger.pid)))

    assert not processes.is_running("child")
    processes.stop(["child"])

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_the_log_of_the_run_before_is_kept(processes, program):
    hello = program("print('first')")
    processes.start(hello)
    assert wait_until(lambda: "first" in processes.last_lines("child"), seconds=20)

    processes.start(program("print('second')"))

    before = processes.log_of("child").with_suffix(".log.1")
    assert before.read_text() == "first\n"


def test_the_dead_have_no_birth():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    zombie = wait_until(lambda: birth_of(child.pid) is None, seconds=20)
    child.wait()

    assert zombie
    assert birth_of(os.getpid()) is not None
