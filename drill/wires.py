"""The process of the wires: `python -m drill.wires`, ordered by lines of JSON.

The first line names every wire's two ports; each that follows one thing to do to one wire, and
is answered by a line when it is done. It ends with its standard input.
"""

import json
import sys

from otsp_testkit.wire import Wire


def main() -> None:
    ports = json.loads(sys.stdin.readline())
    wires = {name: Wire(server, listening) for name, (listening, server) in ports.items()}
    _answer()
    for line in sys.stdin:
        order = json.loads(line)
        _obey(wires[order["wire"]], order)
        _answer()


def _obey(wire: Wire, order: dict[str, str | float]) -> None:
    match order["do"]:
        case "reset":
            wire.tear()
        case "half_close":
            wire.half_close()
        case "black_hole":
            wire.weather.swallow()
        case "latency":
            wire.weather.delay_seconds = float(order["seconds"])
        case "heal":
            wire.weather.clear()
        case "heal_by_reset":
            wire.weather.clear()
            wire.tear()


def _answer() -> None:
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
