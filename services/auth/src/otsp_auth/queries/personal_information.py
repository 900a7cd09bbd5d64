"""The personal information of the own account."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_auth.model import Account
from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import NotFound


@dataclass(frozen=True, slots=True)
class PersonalInformation:
    """In full: for the account's owner only. The institution's own telephones are its service's."""

    version: int
    person_name: str | None
    mobile: str | None
    contact_tel: str | None
    postcode: str | None
    contact_address: str | None


def get_personal_information(tx: Reader, account_id: UUID) -> PersonalInformation:
    query = select(
        Account.version,
        Account.person_name,
        Account.mobile,
        Account.contact_tel,
        Account.postcode,
        Account.contact_address,
    ).where(Account.account_id == account_id)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    mobile = None if row.mobile is None else decrypt(row.mobile)
    return PersonalInformation(row[0], row[1], mobile, *row[3:])
