"""`./dev image`: builds the platform's image, also where no image can be pulled."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from otsp_local.console import StepFailed, say, step
from otsp_local.engine import Engine, find_engine
from otsp_local.environment import ROOT, VENV_PYTHON
from otsp_local.image_base import base_image, own_suite
from otsp_local.secrets import write_secret
from otsp_local.settings import BuildSettings

TAG = "otsp:dev"
OFFICIAL_BASE = "debian:trixie-slim"
LARGEST_MB = 450
SERVERS = {
    "postgres": "otsp-postgres:dev",
    "rabbitmq": "otsp-rabbitmq:dev",
    "prometheus": "otsp-prometheus:dev",
}
CHECK = Path("tests/deploy/image_check.py")
_TAIL = 3_000


def build_image(engine: Engine, tag: str = TAG, base: str | None = None) -> str:
    """Build, tell its size, and refuse one that is too large. The base that was used."""
    chosen = base or _default_base(engine)
    with step(f"building {tag} on {chosen}"), _secrets() as secrets:
        revision = _revision()
        _build(engine, ".", [
            "--file", "deploy/Dockerfile", "--tag", tag, "--build-arg", f"BASE_IMAGE={chosen}",
            "--build-arg", f"REVISION={revision}", *secrets,
        ])  # fmt: skip
    whole, below = engine.size_of(tag), engine.size_of(chosen)
    beyond = (whole - below) / 1e6
    say(f"{tag}: {beyond:.0f} MB beyond its base, {whole / 1e6:.0f} MB in all, unpacked")
    if beyond > LARGEST_MB:
        raise StepFailed(f"the image may take {LARGEST_MB} MB beyond its base; what grew?")
    return chosen


def build_servers(engine: Engine, base: str | None = None) -> None:
    """PostgreSQL, RabbitMQ and Prometheus as images, from Debian's packages."""
    chosen = base or _default_base(engine)
    for target, tag in SERVERS.items():
        with step(f"building {tag} on {chosen}"):
            _build(engine, "deploy/servers", [
                "--target", target, "--tag", tag, "--build-arg", f"BASE_IMAGE={chosen}",
                *_proxies(),
            ])  # fmt: skip


def _default_base(engine: Engine) -> str:
    """The official one where it can be had, else one that we make."""
    made = f"otsp-base:{own_suite()}"
    if engine.has_image(made):
        return made
    with step(f"asking for {OFFICIAL_BASE}"):
        is_there = engine.can_have(OFFICIAL_BASE)
    return OFFICIAL_BASE if is_there else base_image(engine, own_suite())


def _build(engine: Engine, context: str, options: Sequence[str]) -> None:
    log = ROOT / ".run" / "log" / "image.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        told = subprocess.run(
            [engine.client, "build", "--progress=plain", *options, context],
            env=engine.environment(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, check=False,
        )  # fmt: skip
    if told.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace")[-_TAIL:]
        raise StepFailed(f"the build failed:\n{last}\nThe whole log: {log}")


@contextmanager
def _secrets() -> Iterator[list[str]]:
    """Options that lend the build this machine's index and certificates, and leave it neither."""
    settings = BuildSettings()
    options = _proxies()
    index = settings.index_url or _told_to_pip("index-url")
    certificates = settings.certificates or _told_to_pip("cert")
    with tempfile.TemporaryDirectory(prefix="otsp-build-") as folder:
        if certificates and Path(certificates).is_file():
            options += ["--secret", f"id=ca,src={certificates}"]
        if index:
            file = Path(folder) / "index_url"
            write_secret(file, index.encode())
            options += ["--secret", f"id=index_url,src={file}"]
        yield options


def _proxies() -> list[str]:
    """Build arguments of these names stay out of the image's history."""
    told = BuildSettings().model_dump(include={"http_proxy", "https_proxy", "no_proxy"})
    pairs = [("--build-arg", f"{name}={value}") for name, value in told.items() if value]
    return [word for pair in pairs for word in pair]


def _told_to_pip(name: str) -> str | None:
    """A value of pip's own configuration; None where there is none, or no pip."""
    for key in (f"global.{name}", f"install.{name}"):
        command = [sys.executable, "-m", "pip", "config", "get", key]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    return None


def _revision() -> str:
    command = ["git", "rev-parse", "HEAD"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    begun = time.monotonic()
    try:
        engine = find_engine()
        if options.stop_engine:
            engine.stop()
            return 0
        base = build_image(engine, options.tag, options.base)
        if options.servers or options.check:
            build_servers(engine, base)
        say(f"{time.monotonic() - begun:.0f} s in all")
    except StepFailed as failure:
        say(f"./dev image: {failure}")
        return 1
    if options.check:
        check = [str(VENV_PYTHON), "-m", "pytest", "-q", "-p", "no:randomly", str(CHECK)]
        return subprocess.run(check, cwd=ROOT, check=False).returncode
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev image", description=__doc__)
    parser.add_argument("--tag", default=TAG)
    parser.add_argument("--base", help=f"another base than {OFFICIAL_BASE}")
    parser.add_argument(
        "--servers", action="store_true", help="PostgreSQL, RabbitMQ and Prometheus too"
    )
    parser.add_argument(
        "--check", action="store_true", help="run every role and the three samples through it"
    )
    parser.add_argument(
        "--stop-engine", action="store_true", help="stop the engine that this command started"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
