"""`./dev compose`: Docker Compose on docker-compose.yml, with keys and the images that are here."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from otsp_local.compose_secrets import ComposeSecrets
from otsp_local.console import StepFailed, say, step
from otsp_local.engine import Engine, compose_command, find_engine
from otsp_local.environment import ROOT
from otsp_local.image import SERVERS, TAG
from otsp_local.settings import ComposeSettings, whole_environment

FILE = ROOT / "docker-compose.yml"
PROJECT = "otsp"
_DEFAULT = re.compile(r"\$\{\w+:-([^}]+)\}")
_WITHOUT_GRAFANA = ("demo", "prometheus")
"""These two draw in everything but Grafana."""


@dataclass(frozen=True, slots=True)
class Composition:
    """docker-compose.yml on one engine, told of one folder of keys and of what else is given."""

    engine: Engine
    command: Sequence[str]
    settings: ComposeSettings = field(default_factory=ComposeSettings)
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> ComposeSecrets:
        return ComposeSecrets(self.settings.compose_dir.absolute())

    def run(self, *arguments: str, is_told: bool = False) -> subprocess.CompletedProcess[str]:
        """On the terminal, or, where `is_told`, with its words in the answer."""
        return subprocess.run(
            [*self.command, *arguments], cwd=ROOT, env=self.environment(),
            stdin=subprocess.DEVNULL if is_told else None, capture_output=is_told, text=True,
            check=False,
        )  # fmt: skip

    def up(self) -> None:
        """Everything that images are there for; returns when the demonstration begins."""
        if not self.engine.has_image(TAG) and "OTSP_IMAGE" not in self.environment():
            raise StepFailed(f"there is no image {TAG} yet: ./dev image")
        grafana = default_image("grafana")
        with step(f"asking for {grafana}"):
            has_grafana = self.engine.can_have(grafana)
        if not has_grafana:
            say(f"{grafana} cannot be had here: Grafana is left out")
        with step("starting the containers"):
            told = self.run("up", "-d", *(() if has_grafana else _WITHOUT_GRAFANA), is_told=True)
        if told.returncode != 0:
            raise StepFailed(f"docker compose up failed:\n{told.stderr[-3000:]}")

    def environment(self) -> dict[str, str]:
        """Images from Debian's packages are taken where they were made, and nothing else told."""
        listen = self.settings.listen
        made = {
            f"OTSP_{name.upper()}_IMAGE": tag
            for name, tag in SERVERS.items()
            if self.engine.has_image(tag)
        }
        own = {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_PROFILES": ",".join(self.secrets.chosen),
            "OTSP_ORIGIN": self.settings.origin or f"http://{listen}",
            **made,
        }
        told = whole_environment(
            DOCKER_HOST=self.engine.host, OTSP_COMPOSE_DIR=str(self.secrets.folder)
        )
        return {**own, **told, **self.given}


def default_image(service: str) -> str:
    """What docker-compose.yml takes unless it is told otherwise."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    image: str = document["services"][service]["image"]
    return _DEFAULT.sub(r"\1", image)


def run_compose(arguments: Sequence[str]) -> int:
    composition = Composition(find_engine(), compose_command())
    composition.secrets.ensure()
    if list(arguments) != ["up"]:
        return composition.run(*arguments).returncode
    composition.up()
    composition.run("logs", "--follow", "demo")
    say(f"portal    {composition.environment()['OTSP_ORIGIN']}/")
    say("It keeps running. ./dev compose ps shows it, ./dev compose down stops it")
    say("(./dev compose down --volumes erases its data too).")
    return 0


def make_keys(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev compose-keys", description=make_keys.__doc__)
    parser.add_argument("--with", dest="profiles", metavar="s3,clamav", help="optional services")
    told = parser.parse_args(arguments)
    folder: Path = ComposeSettings().compose_dir.absolute()
    profiles = (
        None if told.profiles is None else [each for each in told.profiles.split(",") if each]
    )
    ComposeSecrets(folder).ensure(profiles)
    say(f"{folder}: keys and passwords for docker-compose.yml")
    return 0


def main(arguments: Sequence[str]) -> int:
    command = {"compose": run_compose, "compose-keys": make_keys}[arguments[0]]
    try:
        return command(arguments[1:])
    except StepFailed as failure:
        say(f"./dev {arguments[0]}: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
