"""The command that images run: settings from the environment, then nginx."""

import json
import signal
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from otsp_gateway.routes import load_routes
from otsp_gateway_testkit.edge import await_that, free_port, listens
from otsp_gateway_testkit.upstream import Upstream


@pytest.fixture
def environment(tmp_path):
    def make(**changes):
        given = {
            "LISTEN": ["127.0.0.1:8080"],
            "UPSTREAMS": dict.fromkeys(load_routes().services, ("127.0.0.1:9",)),
            "SPECS": {},
        }
        return {
            "OTSP_GATEWAY_SESSION_CACHE_DIR": str(tmp_path / "cache"),
            **{f"OTSP_GATEWAY_{k}": json.dumps(v) for k, v in (given | changes).items()},
        }

    return make


def command(*arguments):
    return [sys.executable, "-m", "otsp_gateway", *map(str, arguments)]


def test_render_writes_what_nginx_needs(environment, tmp_path):
    result = subprocess.run(
        command("render", "--out", tmp_path / "out"),
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == str(tmp_path / "out" / "nginx.conf")
    assert (tmp_path / "out" / "static" / "api" / "docs" / "index.html").is_file()


def test_run_renders_and_serves(environment, tmp_path):
    port, status = free_port(), free_port()
    settings = environment(LISTEN=[f"127.0.0.1:{port}"]) | {
        "OTSP_GATEWAY_STATUS_LISTEN": f"127.0.0.1:{status}",
        "OTSP_GATEWAY_LOG_TO_STDOUT": "true",
    }
    arguments = command("run", "--out", tmp_path / "out")
    with subprocess.Popen(arguments, env=settings, stdout=subprocess.PIPE, text=True) as process:
        await_that(lambda: process.poll() is not None or listens(status))
        live = HTTPConnection("127.0.0.1", status, timeout=10)
        live.request("GET", "/livez")
        health = live.getresponse().read()
        live.close()
        public = HTTPConnection("127.0.0.1", port, timeout=10)
        public.request("GET", "/api/unknown?secret=1")
        refused = public.getresponse().status
        public.close()
        process.terminate()
        logged, _ = process.communicate(timeout=10)

    assert (health, refused, process.returncode) == (b"ok\n", 404, 0)
    assert [json.loads(line)["path"] for line in logged.splitlines()] == ["/api/unknown"]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_what_is_being_answered_is_answered_before_it_ends(environment, tmp_path, told):
    """Kubernetes ends a container with SIGTERM, which nginx itself takes as: drop everything."""
    port = free_port()
    with Upstream() as auth:
        others = dict.fromkeys(load_routes().services, (auth.address,))
        settings = environment(LISTEN=[f"127.0.0.1:{port}"], UPSTREAMS=others)
        with subprocess.Popen(command("run", "--out", tmp_path / "out"), env=settings) as process:
            await_that(lambda: process.poll() is not None or listens(port))
            client = HTTPConnection("127.0.0.1", port, timeout=10)
            client.request("GET", "/api/auth/v1/registrations/hang")
            await_that(lambda: auth.begun != [])
            process.send_signal(told)
            await_that(lambda: not listens(port))
            auth.over.set()
            answered = client.getresponse().status
            client.close()
            code = process.wait(timeout=10)

    assert (answered, code) == (200, 0)


def test_a_configuration_that_nginx_refuses_is_told_by_the_exit_code(environment, tmp_path):
    settings = environment(LISTEN=["192.0.2.1:8080"])

    ended = subprocess.run(
        command("run", "--out", tmp_path / "out"), env=settings, check=False, timeout=30
    )

    assert ended.returncode != 0


def test_missing_settings_are_told_by_name(tmp_path):
    result = subprocess.run(
        command("render", "--out", tmp_path), env={}, capture_output=True, text=True, check=False
    )

    assert result.returncode != 0
    for name in ("listen", "upstreams", "session_cache_dir"):
        assert name in result.stderr
