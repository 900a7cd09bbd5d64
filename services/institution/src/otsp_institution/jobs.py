"""The clock edge of the institution service."""

from datetime import date

from otsp_chassis.db import Tx
from otsp_chassis.exports.commands import erase_outdated
from otsp_chassis.exports.working import make_waiting
from otsp_chassis.jobs import daily, every
from otsp_institution.commands.expiry import announce_expiring, expire_licences
from otsp_institution.commands.exports import DIRECTORY, EXPORTED

LISTS = EXPORTED | DIRECTORY


@every(seconds=2)
def make_exports() -> None:
    make_waiting(LISTS)


@every(seconds=600)
def erase_exports() -> None:
    erase_outdated(LISTS)


@daily
def announce_expiring_licences(tx: Tx, day: date) -> None:
    announce_expiring(tx, day)


@daily
def end_expired_approvals(tx: Tx, day: date) -> None:
    expire_licences(tx, day)
