"""Personal information (个人信息) as its owner replaces it; mobile and mail address take codes."""

from collections.abc import Mapping

from otsp_auth.commands.activation import finish_migration
from otsp_auth.commands.locked import locked_account
from otsp_auth.model import Account
from otsp_auth.queries.personal_information import PersonalInformation, get_personal_information
from otsp_auth.rules.personal_information import CONTACT, check_personal_information
from otsp_chassis import audit
from otsp_chassis.db import require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError

_ENTERED = ("person_name", *CONTACT)


def put_personal_information(
    principal: Principal, fields: Mapping[str, str | None], *, if_match: int | None
) -> PersonalInformation:
    """The duty to complete it is done by that. Raises Invalid, StaleVersion.

    A migrated account proves a mobile first: without one nobody could find back into it.
    """
    faults = list(check_personal_information(principal.role, fields))
    if faults:
        raise Invalid(errors=faults)
    with transaction() as tx:
        account = locked_account(tx, principal.account_id)
        require_version(account.version, if_match)
        if account.must_complete_information and account.mobile_index is None:
            detail = "请先绑定手机号：获取短信验证码并确认后，再保存个人信息。"
            raise Invalid(errors=[FieldError("/mobile", "mobile_unproven", detail)])
        before = _entered(account)
        for name in _ENTERED:
            setattr(account, name, fields.get(name))
        account.must_complete_information = False
        finish_migration(tx, account)
        audit.record(
            tx,
            "auth.personal_information_changed",
            object_type="account",
            object_id=account.account_id,
            before=before,
            after=_entered(account),
        )
        tx.flush()
        return get_personal_information(tx, account.account_id)


def _entered(account: Account) -> dict[str, str | None]:
    return {name: getattr(account, name) for name in _ENTERED}
