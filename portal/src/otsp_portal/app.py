"""Composition root of the portal: settings, gateway, cookies, headers, views."""

import atexit
import logging
import re
from typing import Final

from flask import Flask, Response, current_app, g, request
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect

from otsp_chassis import clock, log
from otsp_chassis.ids import new_id
from otsp_portal import displays, errors, formatters, monitoring, pages
from otsp_portal.form_sessions import FormSessions
from otsp_portal.gateway_client import Caller, Gateway
from otsp_portal.identity import People, api, cookie_name
from otsp_portal.settings import PortalSettings
from otsp_portal.views import BLUEPRINTS

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_YEAR_SECONDS: Final = 365 * 24 * 60 * 60
_UPLOAD_MB: Final = 500
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'; media-src 'self'; manifest-src 'self'"
)


def create_app(settings: PortalSettings) -> Flask:
    """A portal ready to serve; nothing is asked of the gateway before the first request."""
    clock.set_offset(settings.clock_offset_days)
    app = Flask("otsp_portal", static_url_path="/static")
    app.session_interface = FormSessions()
    _configure(app, settings)
    gateway = Gateway(
        settings.gateway_url,
        timeout=settings.gateway_timeout_seconds,
        at_once=settings.calls_at_once,
    )
    atexit.register(gateway.close)
    app.extensions |= {"otsp_gateway": gateway, "otsp_people": People()}
    # Before all that may refuse a request: a refusal is measured and has its number too.
    monitoring.watch(app)
    app.before_request(_begin)
    app.after_request(_guard)
    Bootstrap5(app)
    CSRFProtect(app)
    formatters.install(app)
    displays.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(pages.shared_context)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _configure(app: Flask, settings: PortalSettings) -> None:
    current, *older = settings.read_secret_keys()
    app.config.update(
        SECRET_KEY=current,
        SECRET_KEY_FALLBACKS=older,
        OTSP_SECRET_KEYS=[current, *older],
        OTSP_ENV=settings.env,
        SESSION_COOKIE_NAME="__Host-otsp_form" if settings.is_secure else "otsp_form",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR_SECONDS,
        MAX_CONTENT_LENGTH=_UPLOAD_MB * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_HEADERS=["CSRF-Token"],
        BOOTSTRAP_SERVE_LOCAL=True,
    )


def application() -> Flask:
    """For gunicorn: settings from the environment, logs on standard output."""
    settings = PortalSettings()
    log.configure(settings.log_level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return create_app(settings)


def _begin() -> None:
    """Who asks, and under which id: the gateway made one, which the platform's logs then share."""
    told = request.headers.get("X-Request-Id", "")
    g.request_id = told if _REQUEST_ID.fullmatch(told) else str(new_id())
    gateway: Gateway = current_app.extensions["otsp_gateway"]
    g.api = gateway.called_by(
        Caller(
            token=request.cookies.get(cookie_name()),
            address=request.headers.get("X-Forwarded-For", request.remote_addr or ""),
            request_id=g.request_id,
            user_agent=request.headers.get("User-Agent", "")[:200],
            is_passive=request.headers.get("OTSP-Passive") == "true",
        )
    )


def _guard(response: Response) -> Response:
    """Headers of every answer; pages are nobody's to keep, only what names its digest is."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if not (request.endpoint or "").endswith("static"):
        headers.setdefault("Cache-Control", "no-store")
    if "api" in g:
        headers["Server-Timing"] = f'api;desc="{api().rounds}"'
    return response
