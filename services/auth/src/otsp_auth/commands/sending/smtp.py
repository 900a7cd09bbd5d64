"""A carrier of mails: one SMTP submission (RFC 6409) over TLS a mail."""

import smtplib
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime

from otsp_auth.commands.sending.carriers import Mail, NotSent, PerhapsSent
from otsp_auth.commands.sending.webhook import trusting_system
from otsp_chassis import clock

_REFUSED = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)


@dataclass(frozen=True, slots=True)
class Submission:
    """Never in the clear: `is_tls_first` is TLS from the first byte, else STARTTLS or nothing."""

    host: str
    port: int
    is_tls_first: bool
    username: str | None
    password: str | None = field(repr=False)
    sender: str
    timeout_seconds: float
    name: str = "smtp"

    def carry(self, mail: Mail) -> None:
        try:
            server = self._signed_in()
        except OSError as failure:  # every SMTPException is one
            raise NotSent(type(failure).__name__) from failure
        try:
            server.send_message(self._written(mail))
        except _REFUSED as refusal:
            raise NotSent(type(refusal).__name__) from refusal
        except OSError as failure:
            raise PerhapsSent(type(failure).__name__) from failure
        finally:
            server.close()  # without QUIT: a mail that was taken must not fail by its farewell

    def _signed_in(self) -> smtplib.SMTP:
        timeout, context = self.timeout_seconds, trusting_system()
        if self.is_tls_first:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=timeout)
        try:
            if not self.is_tls_first:
                server.starttls(context=context)
            if self.username is not None:
                server.login(self.username, self.password or "")
        except OSError:
            server.close()
            raise
        return server

    def _written(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=LINES)
        message["From"] = Address("校外教育培训监管与服务综合平台", addr_spec=self.sender)
        message["To"] = mail.address
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{mail.message_id}@{self.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers by machine
        message.set_content(mail.text)
        return message
