"""Stopping is graceful: what was begun is finished, what is started again goes on."""

import json
import os
import select
import signal
import socket
from pathlib import Path

import httpx
import pytest

PNG = b"\x89PNG\r\n\x1a\n" + bytes(4_000)


def pid_of(demo, name: str) -> int:
    status = demo.command("otsp_local", "status").stdout
    [line] = [line for line in status.splitlines() if line.split()[0] == name]
    return int(line.split()[-1])


def is_gone(pid: int) -> bool:
    """Whether the process has ended; the kernel is asked until it says so or a minute passed."""
    waiting = os.pidfd_open(pid) if Path(f"/proc/{pid}").exists() else None
    if waiting is None:
        return True
    try:
        ready, _, _ = select.select([waiting], [], [], 60)
        return bool(ready)
    finally:
        os.close(waiting)


@pytest.fixture
def restarted(demo):
    """Whatever a test stopped runs again afterwards."""
    yield
    again = demo.command("otsp_local", "up")
    assert again.returncode == 0, again.stderr


def test_request_in_hand_is_answered_before_the_api_ends(demo, restarted):
    ports = json.loads((demo.run_dir / "ports.json").read_text(encoding="utf-8"))
    with demo.login("institution-C") as clerk:
        institution_id = clerk.get("/api/auth/v1/account").json()["institution_id"]
        path = f"/api/staff/v1/institutions/{institution_id}/files?name=a.png"
        pid = pid_of(demo, "api-staff")
        with slow_upload(ports["gateway-18080"], path, clerk.headers["Authorization"]) as upload:
            upload.sendall(PNG[:2_000])
            while not is_reading(ports["api-staff"]):
                pass
            os.kill(pid, signal.SIGTERM)
            upload.sendall(PNG[2_000:])
            answer = upload.recv(200)

    assert answer.startswith(b"HTTP/1.1 201")
    assert is_gone(pid)


def slow_upload(port: int, path: str, authorization: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: image/png\r\nContent-Length: {len(PNG)}\r\nConnection: close\r\n\r\n"
    )
    connection.sendall(head.encode())
    return connection


def is_reading(port: int) -> bool:
    """Whether an established connection to the API's port exists: the edge has handed on."""
    wanted = f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return any(line.split()[1].endswith(wanted) and line.split()[3] == "01" for line in lines)


def test_worker_told_to_stop_ends_in_order_and_its_successor_goes_on(demo, restarted):
    pid = pid_of(demo, "worker")
    os.kill(pid, signal.SIGTERM)
    assert is_gone(pid)
    assert '"event": "worker_stopped"' in (demo.run_dir / "log" / "worker.log").read_text()

    with demo.login("institution-A") as clerk:
        institution_id = clerk.get("/api/auth/v1/account").json()["institution_id"]
        asked = clerk.post(
            "/api/compliance/v1/self-checks", json={"institution_id": institution_id}
        )
        assert asked.status_code == 202
        assert demo.command("otsp_local", "up").returncode == 0
        for _ in range(500):
            found = clerk.get(asked.headers["Location"]).json()
            if found["state"] != "gathering":
                break

    assert found["state"] == "passed"
    assert httpx.get(f"{demo.url}/api/openapi.json").status_code == 200


@pytest.mark.usefixtures("restarted")
def test_a_demonstration_that_leaves_says_that_it_has_stopped(demo):
    shown = demo.command("otsp_local", "demo", "--exit")

    assert shown.returncode == 0, shown.stderr
    assert "杭州示例启明文化培训学校" in shown.stdout
    assert "gateway" not in shown.stdout, "an address where nobody answers"
    assert "keeps running" not in shown.stderr
    assert "stopped" in shown.stderr
    assert "nothing is running" in demo.command("otsp_local", "status").stderr
