"""Texts and mails to people. Who carries them is a setting; never called within a transaction."""

from otsp_auth.commands.sending.carriers import Mail, NotSent, PerhapsSent, Text
from otsp_auth.commands.sending.dispatch import send_mail, send_text, tell

__all__ = ["Mail", "NotSent", "PerhapsSent", "Text", "send_mail", "send_text", "tell"]
