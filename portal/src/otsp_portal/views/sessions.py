"""How long the session has left: asked by the page's script, and prolonged by a person's hand."""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.identity import api
from otsp_portal.pages import seconds_left

views = Blueprint("session", __name__, url_prefix="/session")


@views.get("")
@access.signed_in
def left() -> BaseResponse:
    """Asked passively: the answer does not prolong it (decision D41)."""
    api().get("/api/auth/v1/account")
    return jsonify(seconds=seconds_left())


@views.post("")
@access.signed_in
def prolong() -> BaseResponse:
    """继续使用."""
    api().get("/api/auth/v1/account")
    return jsonify(seconds=seconds_left())
