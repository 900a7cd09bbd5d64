"""python -m otsp_gateway.keeping NGINX …: nginx, told to end in its own way when we are.

Containers and units are ended with SIGTERM, at which nginx drops whatever it is answering; at
SIGQUIT it closes its door and answers first. Loads nothing of the rest: it stays for as long as
nginx does.
"""

import signal
import subprocess
import sys
from types import FrameType

_TOLD = {
    signal.SIGTERM: signal.SIGQUIT,
    signal.SIGINT: signal.SIGQUIT,
    signal.SIGQUIT: signal.SIGQUIT,
    signal.SIGHUP: signal.SIGHUP,
}
"""What we hear → what nginx is told. A new configuration is read at SIGHUP."""


def keep(command: list[str]) -> int:
    """Nginx's exit code; 128 and its number where a signal ended it."""
    running: list[subprocess.Popen[bytes]] = []

    def tell(number: int, _frame: FrameType | None) -> None:
        if not running:
            raise SystemExit(0)
        running[0].send_signal(_TOLD[signal.Signals(number)])

    for heard in _TOLD:
        signal.signal(heard, tell)
    with subprocess.Popen(command) as nginx:
        running.append(nginx)
        code = nginx.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
