"""`./dev otsp …`: the otsp command, told what the platform's own programs are told.

The commands on messages look into databases and broker; on one machine nobody should have to
copy six addresses for that. What the caller's environment says wins.
"""

import os
import sys
from collections.abc import Sequence

from otsp_local.environment import VENV_PYTHON
from otsp_local.platform import LocalPlatform


def become_otsp(arguments: Sequence[str]) -> None:
    """Does not return."""
    platform = LocalPlatform()
    known = platform.operating() if platform.postgres.pid is not None else {}
    command = [str(VENV_PYTHON), "-m", "otsp_cli", *arguments]
    environment = {**known, **os.environ}  # noqa: TID251 - handed on, not read
    os.execve(VENV_PYTHON, command, environment)  # noqa: S606 - no parent process stays


if __name__ == "__main__":
    become_otsp(sys.argv[1:])
