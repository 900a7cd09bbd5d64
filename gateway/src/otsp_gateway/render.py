"""Settings and routing table → a folder that nginx runs from.

Nothing else is needed at run time. Rendering again while nginx runs is safe: it reads the new
configuration at SIGHUP, and a wiped session cache only makes it ask auth again.
"""

import os
import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from otsp_gateway.binary import Nginx, find_nginx, inspect_nginx
from otsp_gateway.docs_page import DOCS_POLICY, write_docs
from otsp_gateway.problems import EDGE_PROBLEMS
from otsp_gateway.routes import METHODS, RoutingTable, load_routes
from otsp_gateway.settings import GatewaySettings

SESSION_CACHE = "sessions"
_PLAIN_PATH = re.compile(r"/[\w./@+~-]*")


class UnsafePathError(ValueError):
    """A folder that nginx.conf cannot name, or that another user could have prepared."""


def render(settings: GatewaySettings, out_dir: Path) -> Path:
    """Write everything below `out_dir` and return the path of nginx.conf.

    The session cache is emptied: call it before each start of nginx.
    """
    table = load_routes()
    _require_upstreams(settings, table)
    out_dir = out_dir.resolve()
    for name in ("logs", "tmp", "static"):
        (out_dir / name).mkdir(parents=True, exist_ok=True)
    cache = empty_session_cache(settings.session_cache_dir)
    write_docs(out_dir / "static", settings=settings, table=table)
    nginx = inspect_nginx(settings.nginx_binary or find_nginx())
    configuration = out_dir / "nginx.conf"
    text = _nginx_conf(settings, table, nginx=nginx, out_dir=out_dir, cache=cache)
    configuration.write_text(text, encoding="utf-8")
    return configuration


def nginx_command(settings: GatewaySettings, out_dir: Path) -> list[str]:
    """Nginx in the foreground on a rendered folder. As root its workers stay root, because the
    folder may lie where only root looks; images and units start it as an ordinary user.
    """
    binary = settings.nginx_binary or find_nginx()
    out_dir = out_dir.resolve()
    globals_ = "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")
    conf = str(out_dir / "nginx.conf")
    return [str(binary), "-p", f"{out_dir}/", "-c", conf, "-e", "stderr", "-g", globals_]


def empty_session_cache(folder: Path) -> Path:
    """An empty folder of mode 0700 that is ours. Its files hold tokens, so a folder or link put
    there by somebody else is refused, not repaired.
    """
    cache = folder.resolve() / SESSION_CACHE
    cache.mkdir(parents=True, mode=0o700, exist_ok=True)
    status = cache.lstat()
    if cache.is_symlink() or status.st_uid != os.geteuid():
        raise UnsafePathError(f"{cache} belongs to another user or is a link")
    cache.chmod(0o700)
    # nginx's layout at levels=1: <last digit of the MD5>/<MD5>, and <MD5>.<number> while writing.
    for entry in cache.glob("**/*"):
        if entry.is_file():
            entry.unlink(missing_ok=True)
    return cache


def _require_upstreams(settings: GatewaySettings, table: RoutingTable) -> None:
    missing = table.services.keys() - settings.upstreams.keys()
    unknown = settings.upstreams.keys() - table.services.keys()
    if missing or unknown or not all(settings.upstreams.values()):
        raise ValueError(
            f"OTSP_GATEWAY_UPSTREAMS: missing {sorted(missing)}, unknown {sorted(unknown)}"
        )
    unknown_rates = settings.rates.keys() - table.rates.keys() - dict(table.bearers).keys()
    if unknown_rates:
        raise ValueError(f"OTSP_GATEWAY_RATES: unknown {sorted(unknown_rates)}")


def _nginx_conf(
    settings: GatewaySettings, table: RoutingTable, *, nginx: Nginx, out_dir: Path, cache: Path
) -> str:
    for path in (out_dir, cache, *nginx.hash_modules):
        if not _PLAIN_PATH.fullmatch(str(path)):
            raise UnsafePathError(f"nginx.conf cannot name this folder: {path}")
    upstreams = {name: settings.upstreams[name] for name in table.services}
    if settings.portal:
        upstreams["portal"] = settings.portal
    partly = {r.public for r in table.routes if r.public and r.public != "any"}
    environment = Environment(  # noqa: S701 - an nginx.conf is not HTML; settings are checked
        loader=PackageLoader("otsp_gateway", "."),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("nginx.conf.j2").render(
        settings=settings,
        nginx=nginx,
        out_dir=str(out_dir),
        session_cache=str(cache),
        services=table.services,
        defaults=table.defaults,
        portal=table.portal,
        rates=table.rates | settings.rates,
        bearers={kind: settings.rates.get(kind, rate) for kind, rate in table.bearers},
        retry_after_seconds=table.retry_after_seconds,
        forwarded_headers=table.forwarded_headers,
        locations=[(route, matcher) for route in table.routes for matcher in route.matchers],
        partly_public=sorted(partly),
        upstreams=upstreams,
        problems=EDGE_PROBLEMS,
        methods=METHODS,
        docs_policy=DOCS_POLICY,
    )
