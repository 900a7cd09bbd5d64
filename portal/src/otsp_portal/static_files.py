"""Addresses of style sheets and scripts, to be kept for a year: they name the content."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from flask import url_for

BOOTSTRAP_CSS = "css/bootstrap.min.css"


def static_url(name: str) -> str:
    """The address of one of the portal's own static files, with a digest of its bytes."""
    return url_for("static", filename=name, v=_digest(files("otsp_portal") / "static" / name))


def bootstrap_url() -> str:
    """The address of Bootstrap's style sheet inside the Bootstrap-Flask package, likewise."""
    package = files("flask_bootstrap") / "static" / "bootstrap5"
    return url_for("bootstrap.static", filename=BOOTSTRAP_CSS, v=_digest(package / BOOTSTRAP_CSS))


def _digest(file: Traversable) -> str:
    return _digest_of(str(file))


@cache
def _digest_of(path: str) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:12]
