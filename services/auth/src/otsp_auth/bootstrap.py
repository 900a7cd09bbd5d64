"""How the very first account comes to be; every other one is created by somebody."""

from otsp_auth.app import service
from otsp_auth.commands import accounts
from otsp_chassis.context import Call, Runtime, activate
from otsp_chassis.ids import new_id


def ensure_national_admin(username: str, password: str, *, runtime: Runtime | None = None) -> bool:
    """True when it was created, False when it was there: then its password stays as it is.

    Reads the settings of an auth process. Raises Invalid with all faults of name and password,
    UsernameTaken when the name is somebody else's.
    """
    call = Call("bootstrap", request_id=str(new_id()), is_write=True)
    with activate(runtime or service.runtime, call):
        return accounts.ensure_national_admin(username, password)
