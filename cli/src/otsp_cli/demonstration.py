"""The demonstration's dossiers: filed once through a gateway, looked at again afterwards.

`otsp demo` does it from a container, `./dev demo` on its own platform.
"""

import argparse
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from otsp_cli.dossier.command import read_dossiers
from otsp_cli.dossier.gateway import Gateway, LoginUnfinished, NotInTime, Refused
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_cli.settings import ClientSettings
from otsp_contracts.snapshots.dossier import Dossier, DossierErrors

OTHER_ROLES = ("auditor", "operator")
Dossiers = Sequence[Dossier | DossierErrors]
Result = dict[str, Any]


def show(options: argparse.Namespace) -> int:
    """Exit code 0 when every dossier was filed, 2 when the platform did not let them be."""
    settings = ClientSettings()
    accounts = Accounts(options.accounts or settings.accounts)
    dossiers = list(read_dossiers(options.file))
    with Gateway.at(options.gateway or settings.gateway) as gateway:
        try:
            results = Demonstration(gateway, accounts, options.results).results(dossiers)
        except (Refused, NotInTime, LoginUnfinished, httpx.TransportError) as error:
            print(f"otsp demo: {error}", file=sys.stderr)
            return 2
    if options.json:
        for result in results:
            print(json.dumps(result, ensure_ascii=False))
    else:
        print(table(results))
        for line in logins(accounts):
            print(line)
    return 0


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One demonstration on one platform; what it came to is kept in a file."""

    gateway: Gateway
    accounts: Accounts
    file: Path

    def results(self, dossiers: Dossiers) -> list[Result]:
        """Of the first time: filed, now. Later: what was filed, with the state that it has now."""
        if self.file.is_file():
            return self._looked_at_again()
        supervision = Supervision(self.gateway, self.accounts)
        self._open_other_accounts(supervision)
        loader = Loader(self.gateway, supervision, options=Options(is_self_check=False), say=_say)
        results = list(loader.results(dossiers))
        for result in results:
            self._keep_login(result, loader)
        self._keep(results)
        return results

    def _looked_at_again(self) -> list[Result]:
        results: list[Result] = json.loads(self.file.read_text(encoding="utf-8"))
        for result in results:
            login = self.accounts.find(f"institution-{result['sample']}")
            if login is not None and result.get("application_id"):
                path = f"/api/compliance/v1/applications/{result['application_id']}"
                result["state"] = self.gateway.login(*login).get(path)["state"]
        return results

    def _open_other_accounts(self, supervision: Supervision) -> None:
        for role in OTHER_ROLES:
            if self.accounts.find(role) is None:
                username, password = supervision.open_account(
                    f"demo-{role}", role=role, authority_id=None, person_name="示例人员"
                )
                self.accounts.keep(role, username=username, password=password, role=role, of="")

    def _keep_login(self, result: Result, loader: Loader) -> None:
        """The institution's own login, so that a newcomer can go on where this ends."""
        entered = loader.entered.get(result["sample"])
        if entered is not None:
            result["institution"] = entered.name
            self.accounts.keep(
                f"institution-{result['sample']}",
                username=entered.account.username,
                password=entered.account.password,
                role="inst_admin",
                of=entered.name,
            )

    def _keep(self, results: Sequence[Result]) -> None:
        unfinished = self.file.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(results, stream, ensure_ascii=False)
        unfinished.replace(self.file)


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


def logins(accounts: Accounts) -> list[str]:
    """Every account of the demonstration with its password, one a line."""
    return [
        f"  {_padded(name, 34)}{_padded(known['username'], 34)}{known['password']}"
        for name, known in accounts
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
