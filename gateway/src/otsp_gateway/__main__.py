"""python -m otsp_gateway: what an image or a unit runs. Settings come from the environment."""

import argparse
import json
import os
import sys
from pathlib import Path

from otsp_gateway.openapi import discover_specs, load_spec, merge_openapi
from otsp_gateway.render import nginx_command, render
from otsp_gateway.routes import load_routes
from otsp_gateway.settings import GatewaySettings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m otsp_gateway", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("render", "write nginx.conf and the API page below --out"),
        ("run", "render, then run nginx until told to end"),
    ):
        command = commands.add_parser(name, help=meaning)
        command.add_argument("--out", type=Path, required=True)
    commands.add_parser("openapi", help="print the merged OpenAPI document")
    chosen = parser.parse_args(arguments)
    if chosen.command == "openapi":
        _print_openapi()
        return 0
    settings = GatewaySettings()
    configuration = render(settings, chosen.out)
    if chosen.command == "run":
        keeper = [sys.executable, "-m", "otsp_gateway.keeping"]
        command_line = [*keeper, *nginx_command(settings, chosen.out)]
        os.execv(sys.executable, command_line)  # noqa: S606 - what rendered is not kept in memory
    sys.stdout.write(f"{configuration}\n")
    return 0


def _print_openapi() -> None:
    services = load_routes().services
    specs = {name: load_spec(path) for name, path in discover_specs(services).items()}
    titles = {name: entry.title for name, entry in services.items()}
    json.dump(merge_openapi(specs, titles), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    sys.exit(main())
