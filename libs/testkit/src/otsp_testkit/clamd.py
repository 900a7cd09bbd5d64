"""A true clamd for tests, which knows one signature: that of the EICAR test file.

TEST_CLAMD_ADDRESS names one that is there already; else it is the machine's own, on Debian
installed when root, started with a folder and a socket of its own.
"""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_local.debian import install
from otsp_local.processes import ProcessFolder, Program

_EICAR = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n"
"""MD5, length and name, as a hash database of ClamAV has it."""
_START_SECONDS = 60
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ClamdSettings(BaseSettings):
    """Which clamd tests use."""

    model_config = SettingsConfigDict(env_prefix="TEST_", extra="ignore", frozen=True)

    clamd_address: str | None = None


@contextmanager
def clamd_for_tests(folder: Path) -> Iterator[str]:
    """Its address, while it runs."""
    told = ClamdSettings().clamd_address
    if told is not None:
        yield told
        return
    socket_path = folder / "socket"
    processes = ProcessFolder(folder)
    program = Program(
        name="clamd",
        arguments=[_program(), "--foreground", f"--config-file={_configured(folder)}"],
        environment={},
        directory=folder,
        is_ready=lambda: _answers(socket_path),
    )
    processes.start(program)
    try:
        processes.await_ready([program], seconds=_START_SECONDS)
        yield str(socket_path)
    finally:
        processes.stop([program.name])


def _program() -> str:
    found = shutil.which("clamd", path=_PATH)
    if found is None and install("clamav-daemon"):
        found = shutil.which("clamd", path=_PATH)
    if found is None:
        text = "no clamd for these tests: apt-get install clamav-daemon, or set TEST_CLAMD_ADDRESS"
        raise FileNotFoundError(text)
    return found


def _configured(folder: Path) -> Path:
    (folder / "signatures").mkdir()
    (folder / "signatures" / "eicar.hdb").write_text(_EICAR, encoding="ascii")
    file = folder / "clamd.conf"
    file.write_text(
        f"DatabaseDirectory {folder}/signatures\nLocalSocket {folder}/socket\n"
        f"TemporaryDirectory {folder}\nStreamMaxLength 25M\nMaxThreads 2\n",
        encoding="utf-8",
    )
    return file


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(1)
            asked.connect(str(path))
            asked.sendall(b"zPING\0")
            return asked.recv(16) == b"PONG\0"
    except OSError:
        return False
