"""Checks of who carries texts and mails: connected to, never given one."""

import smtplib
import socket
import ssl
from collections.abc import Mapping

from otsp_cli.doctor.addresses import Address
from otsp_cli.doctor.findings import Finding, failed, ok
from otsp_cli.doctor.settings import Named
from otsp_cli.doctor.surroundings import Surroundings

_SECONDS = 4
_SETTINGS = ("OTSP_AUTH_SMS_URL", "OTSP_AUTH_SMS_FALLBACK_URL", "OTSP_AUTH_SMTP_HOST")


def senders(around: Surroundings) -> Mapping[str, Address]:
    return {each.setting: each for each in around.addresses if each.setting in _SETTINGS}


def examine_sender(around: Surroundings, address: Address) -> Finding:
    try:
        if address.kind in {"http", "https"}:
            socket.create_connection((address.host, address.port), _SECONDS).close()
            return ok(f"{address.name} answers; nothing was sent")
        return ok(_greeted(address, around.named))
    except OSError as error:  # every SMTPException is one
        return failed(
            f"{address.name}: {type(error).__name__}",
            f"mend {address.setting} and its neighbours (docs/accounts.md), or open the way there",
        )


def _greeted(address: Address, named: Named) -> str:
    """Logged in where a user is named, and gone again; to nobody that is not vouched for."""
    trusting = ssl.create_default_context()
    if address.kind == "starttls":
        server = smtplib.SMTP(address.host, address.port, timeout=_SECONDS)
    else:
        server = smtplib.SMTP_SSL(address.host, address.port, timeout=_SECONDS, context=trusting)
    with server:
        if address.kind == "starttls":
            server.starttls(context=trusting)
        if named.auth_smtp_username and named.auth_smtp_password_file:
            password = named.auth_smtp_password_file.read_text("utf-8").strip()
            server.login(named.auth_smtp_username, password)
            return f"{address.name} takes our user; nothing was sent"
        server.noop()
    return f"{address.name} answers; nothing was sent"
