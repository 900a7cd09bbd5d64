"""Roles as the image runs them, without an engine: user 10001, no rights, nothing to write to.

bubblewrap gives a role the sources' environment read-only, an empty /tmp and its files, as the
image and the chart do. Every role from the image itself is tried by `./dev image --check`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from otsp_auth.app import service
from otsp_local.debian import install
from otsp_local.keys import PlatformKeys
from otsp_local.ports import free_port
from otsp_local.processes import ProcessFolder, Program

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
UPSTREAMS = ("auth", "institution", "staff", "materials", "courses", "compliance")
GATEWAY = {
    "OTSP_ENV": "demo",
    "OTSP_GATEWAY_LISTEN": '["0.0.0.0:8080"]',
    "OTSP_GATEWAY_STATUS_LISTEN": "0.0.0.0:8081",
    "OTSP_GATEWAY_UPSTREAMS": json.dumps({name: ["127.0.0.1:9"] for name in UPSTREAMS}),
    "OTSP_GATEWAY_SESSION_CACHE_DIR": "/tmp/gateway",
    "OTSP_GATEWAY_LOG_TO_STDOUT": "true",
}
# Inside, with no network but a loopback of its own: the ports of the image, its own health check.
UNTIL_HEALTHY = """
import pathlib, subprocess, sys, threading
otsp = [sys.executable, "-m", "otsp_cli"]
with subprocess.Popen([*otsp, *sys.argv[1:]]) as role:
    for _ in range(200):
        asked = subprocess.run([*otsp, "healthy"], capture_output=True, text=True)
        if asked.returncode == 0:
            break
        threading.Event().wait(0.1)
    print("health", asked.returncode, pathlib.Path("/tmp/gateway/nginx.conf").is_file())
    role.terminate()
"""


@pytest.fixture(scope="module")
def bwrap():
    if shutil.which("bwrap") is None:
        install("bubblewrap")
    found = shutil.which("bwrap")
    assert found, "no bubblewrap here: apt-get install bubblewrap"
    return found


@pytest.fixture
def keys(tmp_path):
    made = PlatformKeys(tmp_path / "keys")
    made.ensure()
    return made


@pytest.fixture
def confined(bwrap, tmp_path):
    """A command that runs what follows it as the chart's security context would."""
    (tmp_path / "files").mkdir()

    def command(*options):
        return [
            bwrap, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
            "--tmpfs", "/tmp", "--ro-bind", str(ROOT), str(ROOT), "--tmpfs", "/var/lib",
            "--bind", str(tmp_path / "files"), "/var/lib/otsp", "--remount-ro", "/var/lib",
            "--unshare-user", "--uid", "10001", "--gid", "10001", "--cap-drop", "ALL",
            "--unshare-pid", "--die-with-parent", *options, "--",
        ]  # fmt: skip

    return command


@pytest.fixture
def run(confined, keys, tmp_path):
    """Start a role and return once it answers; stopped with the test."""
    folder = ProcessFolder(tmp_path)

    def start(name, arguments, environment, ready):
        keys_option = ("--ro-bind", str(keys.folder), str(keys.folder), "--chdir", "/")
        role = [sys.executable, "-m", "otsp_cli", *arguments]
        program = Program(
            name=name,
            arguments=[*confined(*keys_option), *role],
            environment={"PATH": "/usr/sbin:/usr/bin:/bin", **environment},
            directory=ROOT,
            ready_url=ready,
        )
        folder.start(program)
        folder.await_ready([program], seconds=SECONDS)

    yield start
    folder.stop(folder.names())


@pytest.fixture
def told(make_kit, keys):
    settings = make_kit(service).runtime.settings
    return {
        "OTSP_ENV": "test",
        "OTSP_AUTH_DATABASE_URL": settings.database_url,
        "OTSP_AUTH_IDENTITY_PRIVATE_KEY": str(keys.identity_private),
        "OTSP_IDENTITY_PUBLIC_KEYS": str(keys.identity_public),
        "OTSP_AUDIT_SIGNING_KEY": str(keys.audit_private),
        "OTSP_PII_KEYS": str(keys.pii),
        "OTSP_FILES_DIR": "/var/lib/otsp",
    }


def at(port, path):
    return f"http://127.0.0.1:{port}/{path}"


def test_the_confinement_is_one(confined):
    probe = (
        "import os, pathlib\n"
        "def writes(place):\n"
        "    try: (pathlib.Path(place) / 'probe').write_text('x')\n"
        "    except OSError: return False\n"
        "    return True\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(os.getuid(), 'NoNewPrivs:\\t1' in status, 'CapEff:\\t0000000000000000' in status,\n"
        f"      [p for p in ('/', '/etc', {str(ROOT)!r}, '/tmp', '/var/lib/otsp') if writes(p)])\n"
    )
    printed = subprocess.run(
        [*confined(), sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "10001 True True ['/tmp', '/var/lib/otsp']"


def test_an_api_serves(run, told):
    port = free_port()

    run("api", ["api", "auth", "--bind", f"127.0.0.1:{port}"], told, at(port, "readyz"))

    policy = httpx.get(at(port, "api/auth/v1/password-policy"))
    assert policy.status_code == 200


def test_a_worker_works(run, told):
    port = free_port()

    run("worker", ["worker", "auth", "--metrics-port", str(port)], told, at(port, "metrics"))

    assert "otsp_outbox" in httpx.get(at(port, "metrics")).text


def test_the_portal_serves(run, keys):
    port = free_port()
    told = {
        "OTSP_ENV": "test",
        "OTSP_PORTAL_GATEWAY_URL": "http://127.0.0.1:9",
        "OTSP_PORTAL_SECRET_KEYS": str(keys.portal),
    }

    run("portal", ["portal", "--bind", f"127.0.0.1:{port}"], told, at(port, "livez"))

    page = httpx.get(at(port, "login"))
    assert page.status_code == 200
    assert "登录" in page.text


def test_the_gateway_runs_nginx_and_is_healthy_by_the_images_own_check(confined):
    alone = confined("--unshare-net", "--chdir", "/")
    printed = subprocess.run(
        [*alone, sys.executable, "-c", UNTIL_HEALTHY, "gateway"],
        env={"PATH": "/usr/sbin:/usr/bin:/bin", **GATEWAY},
        capture_output=True, text=True, check=True, timeout=SECONDS,
    ).stdout  # fmt: skip

    assert "health 0 True" in printed
