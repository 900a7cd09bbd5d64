"""People without an account who prove their mobile (个人信息主体)."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import data_subjects
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal


def request_code(body: dict[str, Any]) -> Answer:
    return Answer(data_subjects.request_code(body["mobile"]), 201)


def open_session(body: dict[str, Any]) -> Answer:
    identity = data_subjects.open_session(UUID(body["verification_id"]), body["code"])
    return Answer(identity, 201)


def close_session(principal: Principal) -> Answer:
    data_subjects.close_session(principal)
    return Answer(status=204)
