"""`./dev demo`: the whole platform from nothing, three dossiers filed, and what came of them.

Everything goes through the gateway as a client would go. A second run finds what the first one
filed and only looks at it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from otsp_chassis import clock
from otsp_cli import demonstration
from otsp_cli.demonstration import Dossiers, Result
from otsp_cli.dossier.command import read_dossiers
from otsp_cli.dossier.gateway import Gateway, NotInTime, Refused
from otsp_cli.dossier.supervision import Accounts
from otsp_contracts.snapshots.dossier import Dossier, DossierErrors
from otsp_local.commands import print_addresses
from otsp_local.console import StepFailed, say, step
from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform

SAMPLES = ROOT / "docs" / "samples.yaml"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One demonstration on one platform."""

    platform: LocalPlatform

    def run(self, *, is_json: bool, is_leaving: bool) -> None:
        """Start, load, print; stop again when `is_leaving`."""
        dossiers = list(read_dossiers(SAMPLES))
        self.platform.up(offset_to(dossiers))
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
            print(demonstration.table(results))
        if not (is_json or is_leaving):
            self._print_how_to_go_on()
        if is_leaving:
            self.platform.down()
            say("stopped; ./dev demo starts it again in seconds")

    @property
    def _accounts_file(self) -> Path:
        return self.platform.run / "accounts.json"

    def _results(self, dossiers: Dossiers) -> list[Result]:
        accounts = Accounts(self._accounts_file)
        kept = self.platform.run / "demo.json"
        doing = "looking again at" if kept.is_file() else "loading and filing"
        with (
            Gateway.at(self.platform.gateway_url) as gateway,
            step(f"{doing} {len(dossiers)} dossiers"),
        ):
            return demonstration.Demonstration(gateway, accounts, kept).results(dossiers)

    def _print_how_to_go_on(self) -> None:
        print()
        print_addresses(self.platform)
        print(f"accounts  {self._accounts_file} (all with passwords)")
        for line in demonstration.logins(Accounts(self._accounts_file)):
            print(line)
        say("Business date: the samples' day. It keeps running; ./dev down stops it.")


def offset_to(dossiers: Iterable[Dossier | DossierErrors]) -> int:
    """Days from the real date to the day that the samples are judged as of."""
    days = {each.as_of for each in dossiers if isinstance(each, Dossier) and each.as_of}
    if len(days) != 1:
        raise StepFailed(f"{SAMPLES} must name one as_of, it names {sorted(map(str, days))}")
    today: date = clock.now().astimezone(clock.SHANGHAI).date()
    return (days.pop() - today).days
