"""`otsp probe`: an application from login to proved receipt, taken back at the end.

It goes through the gateway as the platform's test institution, whose name begins with 测试: what
is left open of that institution is the probe's to take back. docs/deployment/helm.md.
"""

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from otsp_chassis.signing import PublicKeys
from otsp_cli.dossier.filing import APPLICATIONS, submit
from otsp_cli.dossier.gateway import Gateway, LoginUnfinished, NotInTime, Refused, Session
from otsp_cli.messages.desk import NOTHING, SOME, CannotDo, answering, put
from otsp_cli.settings import ClientSettings
from otsp_compliance.model.receipt_proof import prove

MARK = "测试"
"""How a test institution's name begins: nobody else's applications are filed and taken back."""
_OPEN = frozenset(
    {"locking", "gathering", "evaluating", "awaiting_acknowledgement", "submitted", "in_review"}
)
_FILED = frozenset({"submitted", "in_review"})
_JWKS = "/api/compliance/v1/public/jwks"


@dataclass(frozen=True, slots=True)
class Found:
    """What one round came to; `fault` is None when all of it held."""

    application_id: str | None = None
    state: str | None = None
    receipt_no: str | None = None
    filing_ms: int | None = None
    fault: str | None = None


def probe(options: argparse.Namespace) -> int:
    """0 when the receipt was proved, 1 when something did not hold, 2 when nothing was tried."""
    with answering("probe"):
        url = options.gateway or ClientSettings().gateway
        begun = time.monotonic()
        found = _round(url, options.account)
        seconds = time.monotonic() - begun
    if found.fault is None and seconds > options.seconds:
        late = f"it took {seconds:.0f} s, and {options.seconds:.0f} are allowed"
        found = Found(**(asdict(found) | {"fault": late}))
    put(asdict(found), is_json=options.json, line=_line(found))
    return NOTHING if found.fault is None else SOME


def _round(url: str, account: Path) -> Found:
    username, password = _account(account)
    try:
        with Gateway.at(url) as gateway:
            session = gateway.login(username, password)
            return _filed_and_proved(gateway, session, _test_institution(session))
    except httpx.TransportError as error:
        raise CannotDo(f"no platform answers at {url} ({error})") from error
    except LoginUnfinished as unfinished:
        raise CannotDo("the test institution's account has a second factor") from unfinished
    except (Refused, NotInTime) as failure:
        return Found(fault=str(failure))


def _account(file: Path) -> tuple[str, str]:
    try:
        told = orjson.loads(file.read_bytes())
        return str(told["username"]), str(told["password"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotDo(f'{file} is not {{"username": …, "password": …}}') from error


def _test_institution(session: Session) -> str:
    institution_id = session.account.get("institution_id")
    if institution_id is None:
        raise CannotDo("the account is not an institution's")
    name = session.get(f"/api/institution/v1/institutions/{institution_id}")["name"] or ""
    if not name.startswith(MARK):
        raise CannotDo(f"{name} is not a test institution: its name does not begin with {MARK}")
    return str(institution_id)


def _filed_and_proved(gateway: Gateway, session: Session, institution_id: str) -> Found:
    for left in session.list_all(APPLICATIONS, institution_id=institution_id):
        if left["state"] in _OPEN:
            _take_back(session, left["application_id"])
    application, filing_ms = submit(session, institution_id)
    application_id, state = application["application_id"], application["state"]
    if state not in _FILED:
        why = f"the application became {state}: {', '.join(application['blocking'])}"
        return Found(application_id, state, None, round(filing_ms), why)
    receipt_no = _receipt_no(session, application_id)
    fault = _fault(gateway, session, receipt_no)
    _take_back(session, application_id)
    return Found(application_id, state, receipt_no, round(filing_ms), fault)


def _receipt_no(session: Session, application_id: str) -> str | None:
    listed = session.get(f"{APPLICATIONS}/{application_id}/receipts")["items"]
    return next((str(each["receipt_no"]) for each in listed if each["kind"] == "filing"), None)


def _fault(gateway: Gateway, session: Session, receipt_no: str | None) -> str | None:
    if receipt_no is None:
        return "the application has no receipt of its filing"
    receipt: Any = session.get(f"/api/compliance/v1/receipts/{receipt_no}")
    try:
        keys = PublicKeys(gateway.get(_JWKS))
    except ValueError:
        return f"{_JWKS} holds no public keys"
    proof = prove(receipt, keys)
    return None if proof.holds else f"the receipt does not hold: {proof.faults}"


def _take_back(session: Session, application_id: str) -> None:
    session.post(f"{APPLICATIONS}/{application_id}/withdrawal", None)


def _line(found: Found) -> str:
    if found.fault is not None:
        return f"FAILED: {found.fault}"
    return f"receipt {found.receipt_no} proved; filed in {found.filing_ms} ms, and taken back"
