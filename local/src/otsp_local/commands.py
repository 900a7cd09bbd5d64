"""What `./dev up`, `down` and `status` do; `demo` has a module of its own."""

from __future__ import annotations

import argparse

from otsp_local.console import StepFailed, say
from otsp_local.platform import LocalPlatform
from otsp_local.settings import LocalSettings


def up(platform: LocalPlatform, _options: argparse.Namespace) -> None:
    platform.up(platform.clock_offset_days)
    print_addresses(platform)
    say("It keeps running. ./dev status shows it, ./dev down stops it.")


def down(platform: LocalPlatform, options: argparse.Namespace) -> None:
    stopped = platform.down()
    say(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    if options.erase:
        platform.erase()
        say(f"erased {platform.run}")


def status(platform: LocalPlatform, _options: argparse.Namespace) -> None:
    running = platform.status()
    if not running:
        say(f"nothing is running ({platform.run})")
        return
    for program in running:
        print(f"{program.name:<20} pid {program.pid}")
    if platform.is_up():
        print_addresses(platform)


def print_addresses(platform: LocalPlatform) -> None:
    print(f"portal    {platform.gateway_url}/")
    print(f"API page  {platform.gateway_url}/api/docs/")
    print(f"logs      {platform.run / 'log'}")


def demo(platform: LocalPlatform, options: argparse.Namespace) -> None:
    from otsp_local.demo import Demonstration  # noqa: PLC0415 - up and down need no client

    Demonstration(platform).run(is_json=options.json, is_leaving=options.exit)


def main(arguments: list[str] | None = None, platform: LocalPlatform | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(platform or _platform(chosen), chosen)
    except StepFailed as failure:
        say(f"./dev {chosen.command}: {failure}")
        return 1
    return 0


def _platform(options: argparse.Namespace) -> LocalPlatform:
    """As the environment says; the command line can only add the broker."""
    if getattr(options, "broker", False):
        return LocalPlatform(LocalSettings(broker=True))
    return LocalPlatform()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev")
    commands = parser.add_subparsers(required=True, dest="command")
    for name, run in (("up", up), ("status", status), ("down", down), ("demo", demo)):
        commands.add_parser(name).set_defaults(run=run)
    for name in ("up", "demo"):
        commands.choices[name].add_argument(
            "--broker", action="store_true", help="over a RabbitMQ that is started for it"
        )
    commands.choices["down"].add_argument(
        "--erase", action="store_true", help="remove all data, keys and logs too"
    )
    demonstration = commands.choices["demo"]
    demonstration.add_argument("--json", action="store_true", help="one JSON object a dossier")
    demonstration.add_argument("--exit", action="store_true", help="stop everything afterwards")
    return parser
