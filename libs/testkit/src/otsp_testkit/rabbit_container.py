"""A RabbitMQ in a container, for machines without a server of their own."""

from secrets import token_urlsafe

from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from otsp_local.console import StepFailed
from otsp_local.ports import LOOPBACK, free_port
from otsp_local.processes import wait_until
from otsp_local.rabbitmq import START_SECONDS, USER, VHOST, speaks_amqp

_AMQP = "5672/tcp"
_STOP_SECONDS = 30
_DEFINITIONS = "/tmp/definitions.json"  # noqa: S108 - in the container


class NoDocker(Exception):
    """No Docker engine answers."""


class ContainerRabbit:
    """A broker from an image whose command is `rabbitmq-server`.

    Its port on this machine is chosen once, so that it is found again after a stop. The address
    is loopback, as tests reach no other.
    """

    def __init__(self, image: str) -> None:
        self._port = free_port()
        self._password = token_urlsafe(24)
        self._is_made = False
        try:
            self._container = DockerContainer(image)
        except DockerException as error:
            raise NoDocker from error
        self._container.with_envs(
            RABBITMQ_DEFAULT_USER=USER,
            RABBITMQ_DEFAULT_PASS=self._password,
            RABBITMQ_DEFAULT_VHOST=VHOST,
        )
        # with_bind_ports knows only ports, and would listen on every interface.
        self._container.ports[_AMQP] = (LOOPBACK, self._port)  # type: ignore[assignment]

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{self._password}@{LOOPBACK}:{self._port}/{VHOST}"

    def start(self) -> None:
        """Return when it accepts clients."""
        if self._is_made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._is_made = True
        if not wait_until(lambda: speaks_amqp(self._port), seconds=START_SECONDS):
            said, complained = self._container.get_logs()
            text = (said + complained).decode(errors="replace")[-2_000:]
            raise StepFailed(f"{self._container.image} was not ready in time:\n{text}")

    def stop(self) -> None:
        """It keeps its data."""
        self._container.get_wrapped_container().stop(timeout=_STOP_SECONDS)

    def erase(self) -> None:
        self._container.stop()

    def import_definitions(self, document: str) -> None:
        self._container.copy_into_container(document.encode(), _DEFINITIONS)
        self.ctl("import_definitions", _DEFINITIONS)

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` prints; a refusal raises with its text."""
        return self.tool("rabbitmqctl", *arguments)

    def tool(self, program: str, *arguments: str) -> str:
        """The same for another of its programs."""
        told = self._container.exec([program, "--quiet", *arguments])
        output: str = told.output.decode()
        if told.exit_code != 0:
            raise StepFailed(f"{program} {arguments[0]} failed:\n{output}")
        return output
