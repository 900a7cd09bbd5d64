"""`./dev demo`: the whole platform from nothing, three dossiers filed, and what came of them.

Everything goes through the gateway as a client would go. A second run finds what the first one
filed and only looks at it again.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from otsp_chassis import clock
from otsp_cli.dossier.command import read_dossiers
from otsp_cli.dossier.gateway import Gateway, NotInTime, Refused
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.snapshots.dossier import Dossier, DossierErrors
from otsp_local.commands import print_addresses
from otsp_local.console import StepFailed, say, step
from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform
from otsp_local.secrets import write_secret

SAMPLES = ROOT / "docs" / "samples.yaml"
OTHER_ROLES = ("auditor", "operator")
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One demonstration on one platform."""

    platform: LocalPlatform

    def run(self, *, is_json: bool, is_leaving: bool) -> None:
        """Start, load, print; stop again when `is_leaving`."""
        dossiers = list(read_dossiers(SAMPLES))
        self.platform.up(_offset_to(dossiers))
        if Accounts(self._accounts_file).find("national_admin") is None:
            self.platform.bootstrap_admin(self._accounts_file)
        try:
            results = self._results(dossiers)
        except (Refused, NotInTime) as error:
            raise StepFailed(
                f"The dossiers could not be loaded: {error}\n"
                f"Logs: {self.platform.run / 'log'}; start over with: ./dev down --erase"
            ) from error
        if is_json:
            for result in results:
                print(json.dumps(result, ensure_ascii=False))
        else:
            print(table(results))
        if not (is_json or is_leaving):
            self._print_how_to_go_on()
        if is_leaving:
            self.platform.down()
            say("stopped; ./dev demo starts it again in seconds")

    @property
    def _accounts_file(self) -> Path:
        return self.platform.run / "accounts.json"

    @property
    def _results_file(self) -> Path:
        return self.platform.run / "demo.json"

    def _results(self, dossiers: Sequence[Dossier | DossierErrors]) -> list[Result]:
        accounts = Accounts(self._accounts_file)
        with Gateway.at(self.platform.gateway_url) as gateway:
            if self._results_file.is_file():
                return self._looked_at_again(gateway, accounts)
            supervision = Supervision(gateway, accounts)
            self._open_other_accounts(supervision, accounts)
            loader = Loader(gateway, supervision, options=Options(is_self_check=False), say=say)
            with step(f"loading {len(dossiers)} dossiers and filing their applications"):
                results = list(loader.results(dossiers))
            for result in results:
                _keep_login(accounts, result, loader)
        write_secret(self._results_file, json.dumps(results, ensure_ascii=False).encode())
        return results

    def _looked_at_again(self, gateway: Gateway, accounts: Accounts) -> list[Result]:
        """What was filed the first time, with the state that it has now."""
        results: list[Result] = json.loads(self._results_file.read_text(encoding="utf-8"))
        for result in results:
            login = accounts.find(f"institution-{result['sample']}")
            if login is not None and result.get("application_id"):
                path = f"/api/compliance/v1/applications/{result['application_id']}"
                result["state"] = gateway.login(*login).get(path)["state"]
        return results

    def _open_other_accounts(self, supervision: Supervision, accounts: Accounts) -> None:
        for role in OTHER_ROLES:
            if accounts.find(role) is None:
                username, password = supervision.open_account(
                    f"demo-{role}", role=role, authority_id=None, person_name="示例人员"
                )
                accounts.keep(role, username=username, password=password, role=role, of="")

    def _print_how_to_go_on(self) -> None:
        print()
        print_addresses(self.platform)
        print(f"accounts  {self._accounts_file} (all with passwords)")
        for name, known in Accounts(self._accounts_file):
            print(f"  {_padded(name, 34)}{_padded(known['username'], 34)}{known['password']}")
        say("Business date: the samples' day. It keeps running; ./dev down stops it.")


def table(results: Iterable[Result]) -> str:
    """Institution, state, blocking, warnings, routed to, milliseconds."""
    rows = [("", "机构", "state", "blocking", "warnings", "routed to", "ms")]
    for result in results:
        faults = [f"{fault['pointer']} {fault['detail']}" for fault in result.get("errors", ())]
        rows.append(
            (
                result["sample"],
                result.get("institution", ""),
                result["state"],
                " ".join(result.get("blocking", faults)),
                " ".join(result.get("warnings", ())),
                " → ".join(step["authority"] for step in result.get("routed_steps", ())),
                str(result.get("elapsed_ms", "")),
            )
        )
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _keep_login(accounts: Accounts, result: Result, loader: Loader) -> None:
    """The institution's own login, so that a newcomer can go on where the demonstration ends."""
    entered = loader.entered.get(result["sample"])
    if entered is not None:
        result["institution"] = entered.name
        accounts.keep(
            f"institution-{result['sample']}",
            username=entered.account.username,
            password=entered.account.password,
            role="inst_admin",
            of=entered.name,
        )


def _offset_to(dossiers: Iterable[Dossier | DossierErrors]) -> int:
    """Days from the real date to the day that the samples are judged as of."""
    days = {each.as_of for each in dossiers if isinstance(each, Dossier) and each.as_of}
    if len(days) != 1:
        raise StepFailed(f"{SAMPLES} must name one as_of, it names {sorted(map(str, days))}")
    today: date = clock.now().astimezone(clock.SHANGHAI).date()
    return (days.pop() - today).days


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
