"""Which carrier gets a text or a mail, and what is counted of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from otsp_auth.commands.sending.carriers import (
    Carrier,
    Mail,
    Narrow,
    NotSent,
    PerhapsSent,
    Text,
)
from otsp_auth.commands.sending.outbox import MailOutbox, TextOutbox
from otsp_auth.commands.sending.smtp import Submission
from otsp_auth.commands.sending.webhook import Webhook
from otsp_auth.rules.wording import Wording
from otsp_auth.settings import AuthSettings, current_settings
from otsp_chassis import clock, metrics
from otsp_chassis.db import is_in_transaction
from otsp_chassis.ids import new_id
from otsp_chassis.log import get_logger

_log = get_logger()


class Switchboard:
    """Texts through the first carrier that takes them.

    Who failed a moment ago is asked last, so that a silent carrier costs its timeout once and
    not at every text. Shared by the request threads; a lost race costs one attempt.
    """

    def __init__(self, carriers: Sequence[Carrier[Text]], *, rest: timedelta) -> None:
        self._carriers = carriers
        self._rest = rest
        self._rests_until: dict[str, datetime] = {}

    def carry(self, text: Text) -> None:
        """Raises NotSent when nobody took it, PerhapsSent when somebody may have."""
        may_have_gone = False
        for carrier in self._awake_first():
            try:
                carrier.carry(text)
            except NotSent as failure:
                may_have_gone = may_have_gone or isinstance(failure, PerhapsSent)
                self._note_failure(carrier, failure)
                continue
            self._rests_until.pop(carrier.name, None)
            metrics.SMS.labels(carrier.name, "sent").inc()
            return
        reason = "no carrier took it"
        raise PerhapsSent(reason) if may_have_gone else NotSent(reason)

    def _awake_first(self) -> list[Carrier[Text]]:
        now = clock.now()
        return sorted(self._carriers, key=lambda each: self._rests_until.get(each.name, now) > now)

    def _note_failure(self, carrier: Carrier[Text], failure: NotSent) -> None:
        self._rests_until[carrier.name] = clock.now() + self._rest
        metrics.SMS.labels(carrier.name, "failed").inc()
        _log.warning("text_not_carried", provider=carrier.name, reason=failure.reason)


def send_text(mobile: str, text: str) -> None:
    """Raises NotSent or PerhapsSent; whoever counts texts counts only what may have gone."""
    _require_no_transaction()
    _switchboard(current_settings()).carry(Text(new_id(), mobile, text))


def send_mail(address: str, wording: Wording) -> None:
    """Raises NotSent or PerhapsSent, like `send_text`."""
    _require_no_transaction()
    carrier = _mail_carrier(current_settings())
    try:
        carrier.carry(Mail(new_id(), address, wording.subject, wording.text))
    except NotSent as failure:
        metrics.MAIL.labels(carrier.name, "failed").inc()
        _log.warning("mail_not_carried", provider=carrier.name, reason=failure.reason)
        raise
    metrics.MAIL.labels(carrier.name, "sent").inc()


def tell(mobile: str | None, text: str) -> None:
    """Of something that has happened and stays so, whether its owner's text goes out or not."""
    if mobile is None:
        return
    try:
        send_text(mobile, text)
    except NotSent:
        _log.warning("owner_not_told")


def _require_no_transaction() -> None:
    """A carrier may take seconds, and a roll-back does not call a text back."""
    if is_in_transaction():
        message = "a text or mail is sent after the transaction"
        raise RuntimeError(message)


@cache
def _switchboard(settings: AuthSettings) -> Switchboard:
    carriers: list[Carrier[Text]] = [TextOutbox()]
    if settings.sms_sender == "webhook":
        given = [
            ("primary", settings.sms_url, settings.sms_secret_file),
            ("fallback", settings.sms_fallback_url, settings.sms_fallback_secret_file),
        ]
        carriers = [
            Narrow(
                Webhook(name, url, _secret(file).encode(), settings.sms_timeout_seconds),
                at_once=settings.messages_at_once,
            )
            for name, url, file in given
            if url is not None and file is not None
        ]
    return Switchboard(carriers, rest=timedelta(seconds=settings.sms_rest_seconds))


@cache
def _mail_carrier(settings: AuthSettings) -> Carrier[Mail]:
    if settings.mail_sender == "development_outbox":
        return MailOutbox()
    file = settings.smtp_password_file
    submission = Submission(
        host=settings.smtp_host or "",
        port=settings.smtp_port,
        is_tls_first=settings.smtp_security == "tls",
        username=settings.smtp_username,
        password=None if file is None else _secret(file),
        sender=settings.smtp_from or "",
        timeout_seconds=settings.smtp_timeout_seconds,
    )
    return Narrow(submission, at_once=settings.messages_at_once)


def _secret(file: Path) -> str:
    """One line; the newline that editors add is no part of it."""
    return file.read_text(encoding="utf-8").strip()
