"""Periodic work of the auth service."""

from otsp_auth.commands import retention
from otsp_chassis.jobs import every


@every(seconds=600)
def forget_outdated() -> None:
    retention.forget_outdated()
