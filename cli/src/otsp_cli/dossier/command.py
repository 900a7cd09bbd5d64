"""The command round the loader: reads the file, prints the results."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import orjson
import yaml

from otsp_cli.dossier.gateway import Gateway, LoginUnfinished, NotInTime, Refused
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_cli.settings import ClientSettings
from otsp_contracts.snapshots.dossier import Dossier, DossierErrors, parse_dossiers

Result = dict[str, Any]
BAD = frozenset({"invalid", "failed"})


def load_file(arguments: argparse.Namespace) -> int:
    """Exit code 0 when every dossier came to a result, 1 when one is bad, 2 when none could run."""
    try:
        dossiers = read_dossiers(arguments.file)
    except (OSError, yaml.YAMLError) as error:
        return _give_up(f"cannot read {arguments.file}: {error}")
    settings = ClientSettings()
    gateway_url = arguments.gateway or settings.gateway
    accounts = Accounts(arguments.accounts or settings.accounts)
    options = Options(arguments.self_check, not arguments.no_complete, arguments.as_of)
    is_bad = False
    with Gateway.at(gateway_url) as gateway:
        try:
            supervision = Supervision(gateway, accounts)
            loader = Loader(gateway, supervision, options=options, say=_say)
            for result in loader.results(dossiers):
                is_bad |= result["state"] in BAD
                print(
                    orjson.dumps(result).decode() if arguments.json else summary(result), flush=True
                )
        except httpx.TransportError as error:
            return _give_up(f"no platform answers at {gateway_url} ({error}); start one: ./dev up")
        except (Refused, NotInTime, LoginUnfinished) as error:
            return _give_up(str(error))
    return int(is_bad)


def read_dossiers(file: Path) -> Iterable[Dossier | DossierErrors]:
    """Every dossier of a YAML file, or what is wrong with it."""
    with file.open(encoding="utf-8") as stream:
        return parse_dossiers(yaml.safe_load(stream))


def summary(result: Result) -> str:
    """One result in a few lines for a person."""
    lines = [f"{result['sample']}: {result['state']}"]
    lines += [f"  {fault['pointer']}  {fault['detail']}" for fault in result.get("errors", ())]
    for finding in result.get("findings", ()):
        objects = ", ".join(finding["object_ids"])
        lines.append(f"  {finding['rule_id']:<8} {finding['severity']:<2} {finding['message_zh']}")
        lines.append(f"           {objects}  依据：{finding['basis']}".rstrip())
    steps = " → ".join(step["authority"] for step in result.get("routed_steps", ()))
    if steps:
        lines.append(f"  审核部门：{steps}")
    return "\n".join(lines)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _give_up(why: str) -> int:
    print(f"otsp dossier: {why}", file=sys.stderr)
    return 2
