"""The tables of the auth service, with the transitions of what is in them."""

from otsp_auth.model.accounts import WORKING, Account
from otsp_auth.model.authorities import Authority
from otsp_auth.model.messages import DevelopmentMessage
from otsp_auth.model.proofs import AddressAttempt, Verification, WrongCode
from otsp_auth.model.schema import Base
from otsp_auth.model.sessions import LoginSession

__all__ = [
    "WORKING",
    "Account",
    "AddressAttempt",
    "Authority",
    "Base",
    "DevelopmentMessage",
    "LoginSession",
    "Verification",
    "WrongCode",
]
