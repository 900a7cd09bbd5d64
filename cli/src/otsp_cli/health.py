"""Is what runs in this container well? The image's HEALTHCHECK: no shell, no curl, any role.

Each role opens other doors on the ports of the image, so the first one that is open says which
role this is: the gateway's status, an API's or the portal's, a worker's metrics, which are only
there once everything runs.
"""

import argparse
import http.client
import sys

DOORS = ((8081, "/livez"), (8080, "/readyz"), (9090, "/metrics"))
HOST = "127.0.0.1"
SECONDS = 10


def ask(_options: argparse.Namespace) -> int:
    """Exit code 0 when the first open door answers 200."""
    for port, path in DOORS:
        status = _status(port, path)
        if status is not None:
            return int(status != http.client.OK)
    print(f"otsp healthy: nothing listens on {', '.join(str(port) for port, _ in DOORS)}")
    return 1


def _status(port: int, path: str) -> int | None:
    """What GET answers; None where nobody listens, 0 where somebody does and says nothing."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"otsp healthy: {HOST}:{port}{path}: {error}\n")
        return 0
    finally:
        connection.close()
    if status != http.client.OK:
        sys.stderr.write(f"otsp healthy: {HOST}:{port}{path} answers {status}\n")
    return status
