"""What a measured process holds in memory."""

import resource
from pathlib import Path

KIB = 1024


def memory(line: str) -> int:
    """Bytes resident now (VmRSS) or at most (VmHWM); where there is no /proc, at most so far."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = next(each for each in status.read_text().splitlines() if each.startswith(line))
    return int(found.split()[1]) * KIB
