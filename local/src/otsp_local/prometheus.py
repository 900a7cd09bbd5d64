"""Prometheus and promtool of the machine, and one server for as long as somebody needs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from otsp_local.debian import find_or_install
from otsp_local.ports import LOOPBACK, free_port
from otsp_local.processes import ProcessFolder, Program

_START_SECONDS = 60


def find(program: str) -> str:
    """`prometheus` or `promtool`; as root on Debian both are installed where they miss."""
    return find_or_install(program, "prometheus")


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find("promtool"), *arguments],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@contextmanager
def prometheus(
    folder: Path, targets: Mapping[str, Sequence[str]], *, rules: Sequence[Path], every: str
) -> Iterator[str]:
    """The address of a server that scrapes the jobs' targets; what it kept goes with it."""
    config = {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "rule_files": [str(file) for file in rules],
        "scrape_configs": [
            {
                "job_name": job,
                "honor_labels": True,  # `job` and `service` are labels of ours
                "static_configs": [{"targets": list(addresses)}],
            }
            for job, addresses in targets.items()
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config), encoding="utf-8")
    port, processes = free_port(), ProcessFolder(folder)
    url = f"http://{LOOPBACK}:{port}"
    program = Program(
        name="prometheus",
        arguments=[
            find("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
        ],
        environment={},
        directory=folder,
        ready_url=f"{url}/-/ready",
    )
    processes.start(program)
    try:
        processes.await_ready([program], seconds=_START_SECONDS)
        yield url
    finally:
        processes.stop([program.name])
