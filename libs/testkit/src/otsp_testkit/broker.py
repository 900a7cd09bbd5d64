"""The message engine of a test session: named by TEST_AMQP_URL, or one of its own.

In this order: TEST_AMQP_URL; a local `rabbitmq-server`, installed with apt where that is possible;
a container. An image that is named (TEST_RABBITMQ_IMAGE) is meant, and goes before the binary.
"""

import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_local.console import StepFailed, say
from otsp_local.rabbitmq import LocalRabbit, install_if_missing, is_installed

DEFAULT_IMAGE = "rabbitmq:4.0.5"
NO_ENGINE = f"""No message engine for these tests. Any one of these gives them one:
  TEST_AMQP_URL=amqp://USER:PASSWORD@HOST:PORT/VHOST, a broker that is there already;
  rabbitmq-server on this machine (Debian: apt-get install rabbitmq-server);
  a Docker engine, which then runs {DEFAULT_IMAGE} (another: TEST_RABBITMQ_IMAGE)."""


class BrokerSettings(BaseSettings):
    """Which broker tests use."""

    model_config = SettingsConfigDict(env_prefix="TEST_", extra="ignore", frozen=True)

    amqp_url: str | None = None
    rabbitmqctl: str | None = None
    """The command that gives orders to the broker of `amqp_url`."""
    rabbitmq_image: str | None = None

    @property
    def is_told(self) -> bool:
        """Whether somebody chose; otherwise the machine's own server is what is meant."""
        return self.amqp_url is not None or self.rabbitmq_image is not None


class BrokerServer(Protocol):
    """A broker that tests may stop, start and give orders."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` prints; a refusal raises with its text."""
        ...

    def import_definitions(self, document: str) -> None:
        """Make the exchanges, queues and bindings of this JSON text."""
        ...


class OwnServer(BrokerServer, Protocol):
    """One that this session starts, and removes at its end."""

    @property
    def url(self) -> str: ...

    def tool(self, program: str, *arguments: str) -> str:
        """As `ctl`, of another program: `rabbitmq-diagnostics`, `rabbitmq-queues`."""
        ...

    def erase(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker's address, and the server itself when it may be stopped and told things."""

    url: str
    server: BrokerServer | None

    def controlled(self) -> BrokerServer:
        """For the few tests that need more than its address."""
        if self.server is None:
            raise StepFailed(
                "This test stops the broker or gives it orders: beside TEST_AMQP_URL set"
                " TEST_RABBITMQCTL, or unset both."
            )
        return self.server


@dataclass(frozen=True, slots=True)
class NamedServer:
    """Somebody else's broker: stopped and started as an application, the node stays.

    Its tool must see this machine's temporary files.
    """

    command: Sequence[str]

    def start(self) -> None:
        self.ctl("start_app")

    def stop(self) -> None:
        self.ctl("stop_app")

    def import_definitions(self, document: str) -> None:
        with NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
            file.write(document)
            file.flush()
            Path(file.name).chmod(0o644)
            self.ctl("import_definitions", file.name)

    def ctl(self, *arguments: str) -> str:
        told = subprocess.run(
            [*self.command, "--quiet", *arguments],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if told.returncode != 0:
            raise StepFailed(f"{arguments[0]} failed:\n{told.stderr}{told.stdout}")
        return told.stdout


@contextmanager
def broker_for_tests(directory: Path) -> Iterator[Broker]:
    """Raises StepFailed with what to do when no broker can be had."""
    told = BrokerSettings()
    if told.amqp_url is not None:
        command = shlex.split(told.rabbitmqctl or "")
        yield Broker(told.amqp_url, NamedServer(command) if command else None)
        return
    with server_of_its_own(directory) as server:
        yield Broker(server.url, server)


@contextmanager
def server_of_its_own(directory: Path) -> Iterator[OwnServer]:
    """A broker that nobody else uses, also where another was named."""
    image = BrokerSettings().rabbitmq_image
    server = own_server(directory, image, has_binary=image is None and _binary_is_here())
    try:
        server.start()
        yield server
    finally:
        server.erase()


def own_server(directory: Path, image: str | None, *, has_binary: bool) -> OwnServer:
    """Not started yet."""
    if has_binary:
        return LocalRabbit(directory)
    from otsp_testkit.rabbit_container import (  # noqa: PLC0415 - only where a container is needed
        ContainerRabbit,
        NoDocker,
    )

    try:
        return ContainerRabbit(image or DEFAULT_IMAGE)
    except NoDocker as refusal:
        raise StepFailed(NO_ENGINE) from refusal


def _binary_is_here() -> bool:
    """After installing it where that can be done; if that fails, there may still be Docker."""
    try:
        install_if_missing()
    except StepFailed as failure:
        say(str(failure))
    return is_installed()
