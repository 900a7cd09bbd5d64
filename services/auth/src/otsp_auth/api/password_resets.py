"""Forgotten passwords (忘记密码), and what a new one must be."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from otsp_auth.commands import password_resets
from otsp_auth.commands.codes import Recipient
from otsp_auth.queries.passwords import current_policy
from otsp_auth.rules.password_policy import check_password, told_as
from otsp_chassis.http import Answer, checked
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError


def _check_completion(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    return check_password("/new_password", fields.get("new_password"), current_policy())


def request_password_reset(body: dict[str, Any]) -> Answer:
    return Answer(password_resets.request_password_reset(_recipient(**body)), 201)


@checked(_check_completion)
def complete_password_reset(reset_id: str, body: dict[str, Any]) -> Answer:
    password_resets.complete_password_reset(
        UUID(reset_id), code=body["code"], new_password=body["new_password"]
    )
    return Answer(status=204)


def get_password_policy() -> Answer:
    policy = current_policy()
    return Answer({**asdict(policy), "told_zh": told_as(policy)})


def _recipient(mobile: str | None = None, email: str | None = None) -> Recipient:
    if mobile is not None and email is not None:
        detail = "手机号和邮箱只填一项，请删除其中一项。"
        raise Invalid(errors=[FieldError("/email", "not_wanted", detail)])
    if mobile is not None:
        return Recipient.mobile(mobile)
    if email is not None:
        return Recipient.email(email)
    raise Invalid(errors=[FieldError("/mobile", "required", "请填写手机号或邮箱。")])
