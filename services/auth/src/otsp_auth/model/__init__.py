"""The tables of the auth service, with the transitions of what is in them."""

from otsp_auth.model.accounts import WORKING, Account, StatusForbids
from otsp_auth.model.api_keys import ApiKey, ApiKeyUse
from otsp_auth.model.authorities import Authority
from otsp_auth.model.captchas import Captcha
from otsp_auth.model.data_subjects import DataSubjectSession
from otsp_auth.model.delegations import Delegation
from otsp_auth.model.factors import RecoveryCode, SecondFactor
from otsp_auth.model.legacy import LegacyAccount
from otsp_auth.model.links import PasswordLink
from otsp_auth.model.messages import DevelopmentMessage
from otsp_auth.model.notifications import (
    Delivery,
    Notification,
    NotificationPreference,
    ToldNews,
)
from otsp_auth.model.passwords import FormerPassword
from otsp_auth.model.proofs import AddressAttempt, Verification, WrongCode
from otsp_auth.model.recovery import RecoveryProof, RecoveryRequest, SecondPersonNeeded
from otsp_auth.model.references import InstitutionRef
from otsp_auth.model.schema import Base
from otsp_auth.model.sessions import LoginFailure, LoginSession, SecondStep
from otsp_auth.model.waiting_texts import WaitingText

__all__ = [
    "WORKING",
    "Account",
    "AddressAttempt",
    "ApiKey",
    "ApiKeyUse",
    "Authority",
    "Base",
    "Captcha",
    "DataSubjectSession",
    "Delegation",
    "Delivery",
    "DevelopmentMessage",
    "FormerPassword",
    "InstitutionRef",
    "LegacyAccount",
    "LoginFailure",
    "LoginSession",
    "Notification",
    "NotificationPreference",
    "PasswordLink",
    "RecoveryCode",
    "RecoveryProof",
    "RecoveryRequest",
    "SecondFactor",
    "SecondPersonNeeded",
    "SecondStep",
    "StatusForbids",
    "ToldNews",
    "Verification",
    "WaitingText",
    "WrongCode",
]
