"""What people see when something is not to be had: what happened, what they can do, the number.

No page tells more of a fault than its number; the log has the rest (design §4.11).
"""

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import log
from otsp_portal.gateway_client import Refusal, SessionEnded, Unreachable
from otsp_portal.identity import cookie_name, has_session
from otsp_portal.resume import seal_request
from otsp_portal.texts import text
from otsp_portal.views.login import login_page

_WITH_WORDS = frozenset({403, 404, 413, 423, 429, 500, 503})
_DEFAULT_WAIT = 5


def install(app: Flask) -> None:
    app.register_error_handler(SessionEnded, _log_in_again)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Unreachable, _unreachable)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _log_in_again(_ended: SessionEnded) -> tuple[str, int] | BaseResponse:
    """The session is over: log in, and go on where it ended."""
    g.person = None
    was_logged_in = has_session()
    sealed = seal_request()
    if request.method != "POST":
        if was_logged_in:
            flash(text("idle.out.any"), "warn")
        answer = redirect(url_for("login.log_in", next=request.full_path.rstrip("?")))
        answer.delete_cookie(cookie_name(), path="/")
        return answer
    return login_page(sealed=sealed, note=text("idle.out.post"), next_path=request.path)


def _refused(refusal: Refusal) -> tuple[str, int]:
    if refusal.status >= 500:
        log.get_logger().warning(
            "platform_failed",
            service="portal",
            operation=request.endpoint,
            status=refusal.status,
            problem=refusal.slug,
            request_id=g.get("request_id"),
            platform_request_id=refusal.request_id,
        )
    status = refusal.status if refusal.status in _WITH_WORDS or refusal.status < 500 else 500
    if status in _WITH_WORDS - {423}:
        return _page(status, n=refusal.retry_after or _DEFAULT_WAIT)
    title = text("lock.note") if status == 423 else text("err.refused.title")
    return _page(status, title=title, detail=refusal.detail)


def _unreachable(_error: Unreachable) -> tuple[str, int]:
    return _page(503, n=_DEFAULT_WAIT)


def _forged(error: CSRFError) -> tuple[str, int]:
    """The page was open too long, or another site sent this: it is to be confirmed by hand."""
    log.get_logger().info(
        "form_not_believed",
        service="portal",
        operation=request.endpoint,
        reason=error.description,
        request_id=g.get("request_id"),
    )
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    told = {"path": request.path, "fields": fields}
    page = render_template("resume.html", told=told, title=text("err.csrf.title"))
    return page, 400


def _http(error: HTTPException) -> tuple[str, int] | BaseResponse:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    return _page(code if code in _WITH_WORDS else 404 if code < 500 else 500, status=code)


def _fault(error: Exception) -> tuple[str, int]:
    log.get_logger().error(
        "page_crashed",
        service="portal",
        operation=request.endpoint,
        request_id=g.get("request_id"),
        exc_info=error,
    )
    return _page(500)


def _page(
    kind: int, *, status: int = 0, title: str = "", detail: str = "", n: int = _DEFAULT_WAIT
) -> tuple[str, int]:
    """`kind` names words of the catalogue, unless they are given."""
    told = {
        "title": title or text(f"err.{kind}.title"),
        "detail": detail or text(f"err.{kind}.text", n=n, no=""),
        "kind": kind,
        "wait": n,
    }
    return render_template("error.html", **told), status or kind
