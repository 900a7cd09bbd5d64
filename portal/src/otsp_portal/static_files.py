"""Addresses of style sheets and scripts, to be kept for a year: they name the content."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from flask import url_for

BOOTSTRAP_CSS = "css/bootstrap.min.css"


def static_url(name: str) -> str:
    """The address of one of the portal's own static files, with a digest of its bytes."""
    return url_for("static", filename=name, v=_digest("otsp_portal", f"static/{name}"))


def bootstrap_url() -> str:
    """The address of Bootstrap's style sheet inside the Bootstrap-Flask package, likewise."""
    digest = _digest("flask_bootstrap", f"static/bootstrap5/{BOOTSTRAP_CSS}")
    return url_for("bootstrap.static", filename=BOOTSTRAP_CSS, v=digest)


@cache
def _digest(package: str, path: str) -> str:
    return sha256(files(package).joinpath(path).read_bytes()).hexdigest()[:12]
