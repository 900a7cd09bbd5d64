"""Registration, step a (注册: 填写基本信息)."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import registration
from otsp_auth.commands.codes import Recipient
from otsp_auth.queries import messages
from otsp_auth.queries.passwords import current_policy
from otsp_auth.rules.password_policy import check_password
from otsp_auth.settings import current_settings
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.page import Page
from otsp_chassis.problems import UnknownRoute


def request_registration(body: dict[str, Any]) -> Answer:
    return Answer(registration.request_registration(body["mobile"]), 201)


@checked(lambda fields: check_password("/password", fields.get("password"), current_policy()))
def activate_account(registration_id: str, body: dict[str, Any]) -> Answer:
    account = registration.activate_account(UUID(registration_id), body)
    return Answer(account, 201, version=account.version, location="/api/auth/v1/account")


def list_development_messages(mobile: str) -> Page[messages.Message]:
    return _written_down_for(Recipient.mobile(mobile))


def list_development_mails(email: str) -> Page[messages.Message]:
    return _written_down_for(Recipient.email(email))


def _written_down_for(to: Recipient) -> Page[messages.Message]:
    if current_settings().env == "production":
        raise UnknownRoute
    with reading() as tx:
        return Page(messages.list_messages(tx, to.address), None)
