"""Who lives where the drill is held: one institution entered as any, many copies, reviewers."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from bench.institutions import copy_institutions, enter_median, template_of
from bench.median import median_dossier

from drill.topology import Topology
from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.registration import Registered
from otsp_cli.dossier.supervision import Accounts
from otsp_local.console import StepFailed, step
from otsp_local.processes import wait_until

QUIET_SECONDS = 60
_QUIET = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM inbox WHERE state <> 'done')"
_ACCOUNT = "SELECT row_to_json(t)::text FROM account t WHERE institution_id = %s"
_REVIEWER = "SELECT row_to_json(t)::text FROM account t WHERE username = %s"
_PUT_ACCOUNTS = "INSERT INTO account SELECT * FROM json_populate_recordset(NULL::account, %s::json)"

_NOBODYS = {"mobile": None, "mobile_index": None, "mobile_verified_at": None}


@dataclass(frozen=True, slots=True)
class Login:
    """How somebody gets a session."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Resident:
    """An institution that may file, and its administrator's login."""

    institution_id: UUID
    login: Login


@dataclass(frozen=True, slots=True)
class Town:
    """Residents that have not filed yet; reviewers of the authorities that will judge them."""

    residents: Sequence[Resident]
    reviewers: Sequence[tuple[Login, Login]]
    """Each with a colleague."""


def clock_offset_days() -> int:
    """From the real day to the one that the dossier is as of."""
    day = median_dossier().as_of
    if day is None:
        raise StepFailed("The median dossier names no day.")
    return (day - clock.now().astimezone(clock.SHANGHAI).date()).days


def settle(topology: Topology, count: int) -> Town:
    """Enter one institution over the gateway, file and withdraw once, copy it."""
    accounts = Accounts(topology.folder / "accounts.json")
    topology.platform.bootstrap_admin(topology.folder / "accounts.json")
    accounts = Accounts(topology.folder / "accounts.json")
    with step("entering the dossier"), Gateway.at(topology.platform.gateway_url) as gateway:
        entered = enter_median(gateway, accounts)
        _await_quiet(topology)
    with step(f"copying it to {count} institutions"):
        urls = topology.database_urls()
        template = template_of(UUID(entered.institution_id), urls)
        ids = copy_institutions(template, count)
        logins = _copy_account(urls["auth"], entered, ids)
    residents = [Resident(*each) for each in zip(ids, logins, strict=True)]
    logins = [
        Login(facts["username"], facts["password"])
        for name, facts in accounts
        if name.startswith("reviewer-")
    ]
    reviewers = [(login, _colleague_of(urls["auth"], login)) for login in logins]
    return Town(residents, reviewers)


def _await_quiet(topology: Topology) -> None:
    urls = topology.database_urls().values()
    if not wait_until(lambda: all(map(_is_quiet, urls)), seconds=QUIET_SECONDS):
        raise StepFailed("What entering the dossier led to does not come to an end.")


def _is_quiet(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute(_QUIET).fetchone()
    return row == (0,)


def _colleague_of(url: str, reviewer: Login) -> Login:
    """A second account of the same authority, with the same password."""
    username = f"{reviewer.username}-{secrets.token_hex(3)}"
    with psycopg.connect(url) as connection:
        told = connection.execute(_REVIEWER, [reviewer.username]).fetchone()
        if told is None:
            raise StepFailed(f"Nobody is called {reviewer.username}.")
        row = json.loads(told[0]) | _NOBODYS | {"account_id": str(new_id()), "username": username}
        connection.execute(_PUT_ACCOUNTS, [json.dumps([row])])
    return Login(username, reviewer.password)


def _copy_account(url: str, entered: Registered, institutions: Sequence[UUID]) -> list[Login]:
    """The same password for all: hashing one for each would take a core for seconds."""
    names = [f"drill-{number:03}-{secrets.token_hex(4)}" for number in range(len(institutions))]
    with psycopg.connect(url) as connection:
        [(told,)] = connection.execute(_ACCOUNT, [entered.institution_id]).fetchall()
        rows = [
            json.loads(told)
            | _NOBODYS
            | {"account_id": str(new_id()), "institution_id": str(institution), "username": name}
            for institution, name in zip(institutions, names, strict=True)
        ]
        connection.execute(_PUT_ACCOUNTS, [json.dumps(rows)])
    return [Login(name, entered.password) for name in names]
