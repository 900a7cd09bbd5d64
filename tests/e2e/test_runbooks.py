"""What runbooks have somebody ask over the network, asked of the demonstration behind TLS.

The names of the pages lead to it: an ingress of nginx for the addresses outside, the processes
themselves for those inside the cluster.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from otsp_local.debian import find_or_install
from otsp_local.ports import LOOPBACK, free_port
from otsp_local.processes import ProcessFolder, Program, wait_until
from otsp_local.prometheus import prometheus
from otsp_testkit.runbooks import lines_of
from otsp_testkit.series import faults_of
from otsp_testkit.tls import write_certificate

PLATFORM, PROMETHEUS = "otsp.example.cn", "prometheus.example.cn"
CURL, OPENSSL = lines_of("curl"), lines_of("openssl")
AS_SOMEBODY = 'curl -sH "Authorization: Bearer $SESSION"'
OF_THE_EDGE = [
    (page, line.partition(" | ")[2])
    for page, line in lines_of("kubectl")
    if line.startswith("kubectl logs deploy/otsp-gateway ") and " | " in line
]
INGRESS = """
pid {folder}/ingress.pid;
error_log {folder}/ingress.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_certificate {certificate};
  ssl_certificate_key {certificate};
  server {{
    listen {address} ssl;
    server_name {platform};
    location / {{ proxy_pass {gateway}; }}
  }}
  server {{
    listen {address} ssl;
    server_name {prometheus};
    location / {{ proxy_pass {figures}; }}
  }}
}}
"""


@pytest.fixture(scope="module")
def ingress(demo, tmp_path_factory):
    """Its address and the certificate that it shows."""
    folder, port = tmp_path_factory.mktemp("ingress"), free_port()
    certificate = write_certificate(folder, PLATFORM, PROMETHEUS)
    with prometheus(tmp_path_factory.mktemp("figures"), {}, rules=[], every="1s") as figures:
        config = INGRESS.format(
            folder=folder, certificate=certificate, address=f"{LOOPBACK}:{port}",
            platform=PLATFORM, prometheus=PROMETHEUS, gateway=demo.url, figures=figures,
        )  # fmt: skip
        (folder / "nginx.conf").write_text(config, encoding="utf-8")
        nginx = find_or_install("nginx", "nginx")
        program = Program(
            name="ingress",
            arguments=[nginx, "-c", str(folder / "nginx.conf"), "-g", "daemon off;"],
            environment={},
            directory=folder,
            is_ready=(folder / "ingress.pid").is_file,
        )
        processes = ProcessFolder(folder)
        processes.start(program)
        try:
            processes.await_ready([program], seconds=20)
            yield f"{LOOPBACK}:{port}", certificate
        finally:
            processes.stop([program.name])


@pytest.fixture(scope="module")
def session(demo):
    """What a line has before it: the token of who may ask that (of the trail an auditor, else a
    reviewer), and an application.
    """
    with demo.login("auditor") as auditor, demo.login("reviewer-330106-education") as reviewer:
        cases = reviewer.get("/api/compliance/v1/cases", params={"kind": "compliance"}).json()
        tokens = [
            who.headers["Authorization"].removeprefix("Bearer ") for who in (auditor, reviewer)
        ]

    def given(line):
        return {
            "SESSION": tokens[0 if "/audit-" in line else 1],
            "APPLICATION_ID": cases["items"][0]["subject_id"],
        }

    return given


@pytest.fixture(scope="module")
def shell(demo, ingress, session, tmp_path_factory):
    """A line as a shell takes it, where the names of the pages are known; 4xx and 5xx fail."""
    address, certificate = ingress
    ports = json.loads((demo.run_dir / "ports.json").read_text(encoding="utf-8"))
    home = tmp_path_factory.mktemp("home")
    leads = {
        f"{PLATFORM}:443": address,
        f"{PROMETHEUS}:443": address,
        "otsp-portal:8080": f"{LOOPBACK}:{ports['portal']}",
        "localhost:9090": f"{LOOPBACK}:{ports['metrics-worker']}",
    }
    lines = [f'connect-to = "{name}:{where}"' for name, where in leads.items()]
    lines += ["fail", f'cacert = "{certificate}"']
    (home / ".curlrc").write_text("\n".join(lines), encoding="utf-8")
    programs = {str(Path(find_or_install(name, name)).parent) for name in ("curl", "openssl")}
    environment = {"HOME": str(home), "PATH": ":".join([*programs, os.defpath])}

    def told(line):
        placed = line.replace(f"-connect {PLATFORM}:443", f"-connect {address}")
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", placed],
            env={**environment, **session(line)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return told


@pytest.mark.parametrize(("page", "line"), CURL + OPENSSL)
def test_line_is_answered(shell, page, line):
    told = shell(line)

    assert told.returncode == 0, (page, told.stdout, told.stderr)
    if " -svo /dev/null " in line:
        assert "HTTP/1.1 200" in told.stderr
    else:
        assert told.stdout.strip()


def test_what_prometheus_is_asked_for_is_exported():
    asked = [found for _, line in CURL for found in re.findall(r"'query=([^']+)'", line)]

    assert [list(faults_of(query)) for query in asked] == [[]]


@pytest.mark.parametrize(
    "line",
    [
        "curl -s https://otsp.example.cn/api/compliance/v1/public/jwkz",
        'curl -sH "Authorization: Bearer $SESSIONS" https://otsp.example.cn/api/compliance/v1/cases',
        f"{AS_SOMEBODY} https://otsp.example.cn/api/staff/v1/audit-entry",
        f"{AS_SOMEBODY} https://otsp.example.cn/api/compliance/v1/cases?states=open",
        f"{AS_SOMEBODY} https://otsp.example.cn/api/compliance/v1/cases?state=opened",
        "curl -s -o /dev/null -w '%{http_code}' http://otsp-portal:8080/readyzz",
        "curl -s -o /dev/null http://otsp-portal:8081/readyz",
        "curl -s localhost:9090/metrics | grep ^ostp_",
    ],
)
def test_a_slip_is_noticed(shell, line):
    assert shell(line).returncode != 0


@pytest.fixture(scope="module")
def access_log(demo):
    """Of the demonstration's gateway, after what the pages look for was asked; one answer of it is
    written as a 502, which nothing that works gives.
    """
    [file] = demo.run_dir.rglob("access.log")
    nobody = {"account": "nobody", "username": "nobody", "password": "none"}
    with httpx.Client(base_url=demo.url, timeout=30) as client:
        for path in ("sessions", "verifications", "password-resets", "data-subject-codes"):
            client.post(f"/api/auth/v1/{path}", json=nobody)
        client.get("/api/compliance/v1/public/register")
        client.get("/api/staff/v1/staff")

    def is_written():
        text = file.read_text(encoding="utf-8")
        return "/api/staff/v1/staff" in text and "/api/auth/v1/data-subject-codes" in text

    assert wait_until(is_written, seconds=10)
    text = file.read_text(encoding="utf-8")
    return text + next(line for line in text.splitlines() if '"status":401' in line).replace(
        '"status":401', '"status":502'
    )


@pytest.mark.parametrize(("page", "filters"), OF_THE_EDGE)
def test_log_of_the_edge_has_what_is_looked_for(access_log, page, filters):
    told = subprocess.run(
        ["bash", "-o", "pipefail", "-c", filters],
        input=access_log, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (told.returncode, told.stderr) == (0, ""), page
    assert told.stdout
