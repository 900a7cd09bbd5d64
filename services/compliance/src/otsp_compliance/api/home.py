"""The home page of an institution."""

from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Forbidden
from otsp_compliance.queries import home


def get_own_home(principal: Principal) -> home.HomeView:
    if principal.institution_id is None:
        raise Forbidden
    with reading() as tx:
        return home.get_home(tx, principal, principal.institution_id)


def get_home(institution_id: str, principal: Principal) -> home.HomeView:
    with reading() as tx:
        return home.get_home(tx, principal, UUID(institution_id))
