"""Schools of a test's own on a running demonstration: sample A under other names and numbers.

The loader of dossiers does the work, so that they are real in every part; what a test does to them
touches none of the demonstration's own three.
"""

import copy
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from otsp_cli.dossier import institution
from otsp_cli.dossier.completion import Completion
from otsp_cli.dossier.desk import Desk
from otsp_cli.dossier.gateway import Gateway, Session, wait_for
from otsp_cli.dossier.registration import Registered, Registrar
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.snapshots.dossier import Dossier, parse_dossiers
from otsp_contracts.values import uscc_check_digit
from otsp_contracts.values.identity import cnid_check_digit, organisation_check_digit
from otsp_local.environment import ROOT

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CNID = re.compile(r"\d{17}[\dX]")
_REVIEWER = "reviewer-330106-education"
_TOLD_SECONDS = 60
_NAMES = "东南西北春夏秋冬山川江河松竹梅兰"


@dataclass(frozen=True, slots=True)
class School:
    """One institution of a test: how its clerk logs in, and what it has filed."""

    name: str
    username: str
    password: str
    institution_id: str
    application_id: str | None
    session: Session


@contextmanager
def filed_school(run_dir: Path, *, gateway_url: str) -> Iterator[School]:
    """Sample A anew: everything filled in, an application submitted with its one warning."""
    dossier = _another()
    with Gateway.at(gateway_url) as gateway:
        supervision = Supervision(gateway, Accounts(run_dir / "accounts.json"))
        loader = Loader(gateway, supervision, options=Options(is_self_check=False), say=_silent)
        (result,) = loader.results([dossier])
        if result["state"] != "submitted":
            raise AssertionError(result)
        entered = loader.entered[dossier.sample]
        yield _school(entered.name, entered.account, result["application_id"])


@contextmanager
def registering_school(run_dir: Path, *, gateway_url: str) -> Iterator[School]:
    """One whose registration lies with its authority, which has been told of it."""
    dossier = _another()
    completion = Completion(dossier, _day_of(dossier), is_on=True)
    with Gateway.at(gateway_url) as gateway:
        person = Registrar(gateway).register()
        desk = Desk(person.session, person.institution_id, dossier, completion)
        registration = institution.registration_of(dossier, completion)
        path = desk.path("institution", "registration")
        desk.session.put(path, registration, of=desk.path("institution"))
        desk.session.post(f"{path}/submission", None)
        _await_case(gateway, run_dir, name=registration["name"])
        yield _school(registration["name"], person, None)


def _await_case(gateway: Gateway, run_dir: Path, *, name: str) -> None:
    login = Accounts(run_dir / "accounts.json").find(_REVIEWER)
    if login is None:
        raise AssertionError(_REVIEWER)
    reviewer = gateway.login(*login)
    wait_for(
        lambda: reviewer.get("/api/compliance/v1/cases", institution_name=name)["items"],
        bool,
        seconds=_TOLD_SECONDS,
    )


def _school(name: str, person: Registered, application_id: str | None) -> School:
    return School(
        name,
        person.username,
        person.password,
        person.institution_id,
        application_id,
        person.session,
    )


def _another() -> Dossier:
    samples = yaml.safe_load((ROOT / "docs" / "samples.yaml").read_text(encoding="utf-8"))
    given = next(each for each in samples if each["sample"] == "A")
    name = "".join(secrets.choice(_NAMES) for _ in range(4))
    made = _renamed(copy.deepcopy(given), given["institution"], f"杭州示例{name}培训学校")
    (dossier,) = parse_dossiers([made])
    if not isinstance(dossier, Dossier):
        raise TypeError(dossier.errors)
    return dossier


def _renamed(given: Any, was: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - YAML
    """Every name and number of an institution or a person replaced by a sound one of nobody's."""
    first_8 = "MJH" + "".join(secrets.choice(_ALPHABET) for _ in range(5))
    first_17 = was["uscc"][:8] + first_8 + organisation_check_digit(first_8)
    others = {
        was["name"]: name,
        was["uscc"]: first_17 + uscc_check_digit(first_17),
        "教民133010670009901号": f"教民1330106700{secrets.randbelow(10**5):05d}号",
    }

    def replaced(value: Any) -> Any:  # noqa: ANN401 - YAML
        if isinstance(value, dict):
            return {key: replaced(each) for key, each in value.items()}
        if isinstance(value, list):
            return [replaced(each) for each in value]
        if isinstance(value, str) and _CNID.fullmatch(value) and value not in others:
            first = f"{value[:14]}{secrets.randbelow(1000):03d}"
            others[value] = first + cnid_check_digit(first)
        return others.get(value, value) if isinstance(value, str) else value

    return replaced(given)


def _day_of(dossier: Dossier) -> date:
    if dossier.as_of is None:
        raise AssertionError(dossier.sample)
    return dossier.as_of


def _silent(_line: str) -> None:
    """The loader tells its progress; a test does not."""
