"""The message engine of a test session: named by TEST_AMQP_URL, or one of its own."""

from dataclasses import dataclass

from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_local.rabbitmq import LocalRabbit


class BrokerSettings(BaseSettings):
    """Which broker tests use; None: one is started."""

    model_config = SettingsConfigDict(env_prefix="TEST_", extra="ignore", frozen=True)

    amqp_url: str | None = None


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker's address, and the server itself when it is ours to stop and start."""

    url: str
    server: LocalRabbit | None
