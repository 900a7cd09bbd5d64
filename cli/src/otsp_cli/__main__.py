"""`otsp COMMAND`: one parser, one function a command; see docs/operations.md.

A command is named, not imported, until it is the one: an API that starts does not wait for the
code of all others.
"""

import argparse
import pkgutil
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from otsp_cli.backups import arguments as backups
from otsp_cli.messages.arguments import add_commands
from otsp_cli.serving import SERVICES

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    command: Command = pkgutil.resolve_name(options.command)
    return command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="otsp", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_running(commands)
    add_commands(commands)
    backups.add_commands(commands)
    _add_proofs(commands)
    _add_personal_data(commands)
    _add_client(commands)
    return parser


def _add_running(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    api = _add(commands, "api", "serve one service's API")
    api.add_argument("service", choices=SERVICES)
    api.add_argument("--bind", default="127.0.0.1:8000", help="address to listen on")
    _add_metrics_port(api)
    api.set_defaults(command="otsp_cli.serving:run_api")

    portal = _add(commands, "portal", "serve the web site")
    portal.add_argument("--bind", default="127.0.0.1:8000", help="address to listen on")
    _add_metrics_port(portal)
    portal.set_defaults(command="otsp_cli.serving:run_portal")

    worker = _add(commands, "worker", "relay, consume and run jobs until SIGTERM")
    _add_services(worker)
    _add_metrics_port(worker)
    worker.set_defaults(command="otsp_cli.running:run_worker")

    migrate = _add(commands, "migrate", "bring database schemas up to date, as their owner")
    _add_services(migrate)
    migrate.set_defaults(command="otsp_cli.running:migrate")

    doctor = _add(commands, "doctor", "look whether all that is named here is fit to run on")
    when = doctor.add_mutually_exclusive_group()
    when.add_argument("--before", action="store_true", help="nothing is installed yet")
    when.add_argument("--after", action="store_true", help="all is installed (the default)")
    doctor.add_argument("--only", nargs="+", metavar="CHECK", help="these checks alone")
    doctor.add_argument("--json", action="store_true", help="JSON lines on standard output")
    doctor.set_defaults(command="otsp_cli.doctor.command:examine")

    gateway = _add(commands, "gateway", "render nginx's configuration and run nginx")
    gateway.add_argument("--out", type=Path, default=Path("/tmp/gateway"))  # noqa: S108 - its own tmpfs
    gateway.set_defaults(command="otsp_cli.serving:run_gateway")

    healthy = _add(commands, "healthy", "ask what runs in this container; exit 1 if it is not well")
    healthy.set_defaults(command="otsp_cli.health:ask")

    docs = _add(commands, "export-docs", "write the generated documents: events, problems")
    docs.add_argument("directory", nargs="?", type=Path, default=Path("docs"))
    docs.set_defaults(command="otsp_cli.documents:export_documents")


def _add_proofs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    audit = _add(commands, "verify-audit", "prove the audit trail from its rows; exit 1 if broken")
    audit.add_argument("services", nargs="*", metavar="SERVICE", help="all six when none is named")
    audit.add_argument(
        "--expect-head",
        metavar="HEAD",
        help="SERVICE:POSITION:SHA256 that was kept elsewhere, or a file that holds such texts",
    )
    audit.add_argument("--json", action="store_true", help="JSON lines on standard output")
    audit.set_defaults(command="otsp_cli.audit:verify_audit")

    receipt = _add(commands, "verify", "prove a receipt without the platform; exit 1 if it fails")
    receipt.add_argument("file", type=Path, metavar="receipt.json")
    receipt.add_argument(
        "--keys", type=Path, required=True, metavar="jwks.json", help="the published public keys"
    )
    receipt.add_argument("--json", action="store_true", help="one JSON object")
    receipt.set_defaults(command="otsp_cli.receipts:verify")
    _add_log(commands)


def _add_log(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    log = _add(commands, "verify-log", "prove the transparency log; exit 1 if it is not whole")
    source = log.add_mutually_exclusive_group(required=True)
    source.add_argument("--url", help="the platform's origin, from which it is fetched")
    source.add_argument("--files", type=Path, metavar="DIR", help="what --save wrote")
    log.add_argument("--keys", type=Path, metavar="jwks.json", help="public keys kept elsewhere")
    log.add_argument("--save", type=Path, metavar="DIR", help="keep what was fetched")
    log.add_argument(
        "--expect-head",
        metavar="HEAD",
        help="DAY:SIZE:SHA256 that was kept elsewhere, or a file that holds such texts",
    )
    log.add_argument("--json", action="store_true", help="one JSON object")
    log.set_defaults(command="otsp_cli.transparency:verify")


def _add_personal_data(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rotation = _add(
        commands,
        "rotate-keys",
        "seal personal data anew with the current key; exit 1 while older keys are needed",
    )
    rotation.add_argument("services", nargs="*", metavar="SERVICE", help="all six if none is named")
    rotation.add_argument("--dry-run", action="store_true", help="count values by key, change none")
    rotation.add_argument("--json", action="store_true", help="JSON lines on standard output")
    rotation.set_defaults(command="otsp_cli.rotation:rotate_keys")

    retention = _add(
        commands, "retention", "let go of what is past its time of keeping; workers do it nightly"
    )
    retention.add_argument(
        "services", nargs="*", metavar="SERVICE", help="all six if none is named"
    )
    retention.add_argument("--dry-run", action="store_true", help="count; exit 1 if any is due")
    retention.add_argument("--json", action="store_true", help="JSON lines on standard output")
    retention.set_defaults(command="otsp_cli.retention:apply_retention")

    unnamed = _add(
        commands, "erase-unnamed-files", "erase attachments that nothing has named for 30 days"
    )
    unnamed.add_argument("services", nargs="*", metavar="SERVICE", help="all six if none is named")
    unnamed.add_argument("--dry-run", action="store_true", help="report; exit 1 if there is any")
    unnamed.add_argument("--json", action="store_true", help="JSON lines on standard output")
    unnamed.set_defaults(command="otsp_cli.unnamed_files:erase_unnamed_files")


def _add_client(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    admin = _add(commands, "bootstrap-admin", "make the first account: a national administrator")
    admin.add_argument("--username", default="national-admin")
    admin.add_argument("--accounts", type=Path, help="file that keeps its password (mode 0600)")
    admin.set_defaults(command="otsp_cli.accounts:bootstrap_admin")

    legacy = _add(commands, "import-legacy", "take over the accounts of a legacy platform")
    legacy.add_argument("file", type=Path, help="CSV as in docs/accounts.md")
    legacy.add_argument("--source", required=True, choices=("xspx_online", "xwpx_offline"))
    legacy.add_argument("--dry-run", action="store_true", help="report the same, write nothing")
    legacy.add_argument("--report", type=Path, metavar="REPORT.csv", help="a row for each line")
    legacy.add_argument("--json", action="store_true", help="the counts as one JSON object")
    legacy.set_defaults(command="otsp_cli.legacy.command:import_file")

    dossier = _add(commands, "dossier", "load dossiers through the gateway; one object each")
    dossier.add_argument("file", type=Path, help="YAML in the format of docs/samples.yaml")
    what = dossier.add_mutually_exclusive_group()
    what.add_argument("--submit", action="store_true", help="file an application (the default)")
    what.add_argument("--self-check", action="store_true", help="judge without filing")
    dossier.add_argument("--as-of", type=date.fromisoformat, metavar="DATE")
    dossier.add_argument("--json", action="store_true", help="JSON lines on standard output")
    dossier.add_argument("--no-complete", action="store_true", help="add no fictitious values")
    dossier.add_argument("--gateway", metavar="URL", help="default: the platform of ./dev up")
    dossier.add_argument("--accounts", type=Path, help="accounts of the supervising side")
    dossier.set_defaults(command="otsp_cli.dossier.command:load_file")
    _add_probe(commands)


def _add_probe(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    probe = _add(commands, "probe", "file as the test institution, prove the receipt, take it back")
    probe.add_argument("--gateway", metavar="URL", help="default: the platform of ./dev up")
    probe.add_argument(
        "--account", type=Path, required=True, metavar="account.json", help="username and password"
    )
    probe.add_argument("--seconds", type=float, default=90, help="what all of it may take")
    probe.add_argument("--json", action="store_true", help="one JSON object")
    probe.set_defaults(command="otsp_cli.probe:probe")

    demo = _add(commands, "demo", "file the demonstration's dossiers once; then look at them again")
    demo.add_argument("file", type=Path, help="docs/samples.yaml")
    demo.add_argument("--results", type=Path, required=True, help="file that keeps what was filed")
    demo.add_argument("--json", action="store_true", help="JSON lines on standard output")
    demo.add_argument("--gateway", metavar="URL", help="default: the platform of ./dev up")
    demo.add_argument("--accounts", type=Path, help="accounts of the supervising side")
    demo.set_defaults(command="otsp_cli.demonstration:show")


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=text, description=text)


def _add_services(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("services", nargs="*", metavar="SERVICE")
    parser.add_argument("--all", action="store_true", help="all six, as on one machine")


def _add_metrics_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metrics-port", type=int, default=0, help="0: no metrics listener")


if __name__ == "__main__":
    sys.exit(main())
