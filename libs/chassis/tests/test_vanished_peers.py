"""A machine that lost its power says nothing: both ends of a database connection ask."""

import os
import socket

import psycopg
import pytest

from otsp_chassis.outbox import Relay
from otsp_testkit.platform_kit import LocalBus

SECONDS = 20
"""What an answer or a lock may hang on somebody who is gone."""


@pytest.fixture(params=["pool", "relay"])
def connection(request, kit):
    """As a request or a job has it, and as the relay does, whose lock keeps other relays out."""
    if request.param == "pool":
        with kit.runtime.database.engine.connect() as pooled:
            yield pooled.connection.driver_connection
    else:
        with Relay(kit.runtime, LocalBus())._connect() as relays:
            yield relays


def option(connection: psycopg.Connection, name: int) -> int:
    """As the kernel has it."""
    with socket.socket(fileno=os.dup(connection.fileno())) as ours:
        return ours.getsockopt(socket.IPPROTO_TCP, name)


def test_a_server_that_vanished_is_noticed(connection):
    silent = option(connection, socket.TCP_KEEPIDLE)
    silent += option(connection, socket.TCP_KEEPINTVL) * option(connection, socket.TCP_KEEPCNT)

    assert 0 < silent <= SECONDS
    assert 0 < option(connection, socket.TCP_USER_TIMEOUT) <= SECONDS * 1000


def test_the_server_notices_that_we_vanished_and_gives_our_locks_to_others(connection):
    def told(name):
        return int(
            connection.execute(f"SELECT setting FROM pg_settings WHERE name = '{name}'").fetchone()[
                0
            ]
        )

    silent = told("tcp_keepalives_idle")
    silent += told("tcp_keepalives_interval") * told("tcp_keepalives_count")
    assert 0 < silent <= SECONDS
    assert 0 < told("tcp_user_timeout") <= SECONDS * 1000
