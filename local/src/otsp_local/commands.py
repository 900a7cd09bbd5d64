"""What `./dev up`, `down` and `status` do; `demo` has a module of its own."""

from __future__ import annotations

import argparse

from otsp_local.console import StepFailed, say
from otsp_local.platform import LocalPlatform


def up(platform: LocalPlatform) -> None:
    platform.up(platform.clock_offset_days)
    print_addresses(platform)
    say("It keeps running. ./dev status shows it, ./dev down stops it.")


def down(platform: LocalPlatform) -> None:
    stopped = platform.down()
    say(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def status(platform: LocalPlatform) -> None:
    running = platform.status()
    if not running:
        say(f"nothing is running ({platform.run})")
        return
    for program in running:
        print(f"{program.name:<20} pid {program.pid}")
    if platform.is_up():
        print_addresses(platform)


def print_addresses(platform: LocalPlatform) -> None:
    print(f"gateway   {platform.gateway_url}")
    print(f"API page  {platform.gateway_url}/api/docs/")
    print(f"logs      {platform.run / 'log'}")


COMMANDS = {"up": up, "down": down, "status": status}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./dev")
    parser.add_argument("command", choices=COMMANDS)
    chosen = parser.parse_args(arguments)
    try:
        COMMANDS[chosen.command](LocalPlatform())
    except StepFailed as failure:
        say(f"./dev {chosen.command}: {failure}")
        return 1
    return 0
