"""Pictures with five characters: what a person reads and a guessing machine does not."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar
from uuid import UUID

from captcha.image import ImageCaptcha
from sqlalchemy import delete

from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.model import Captcha
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index
from otsp_chassis.problems import RuleBroken

ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
"""What nobody takes for something else: no 0 beside O, 1 beside I, 2 beside Z, 5 beside S."""

LENGTH = 5


class CaptchaWrong(RuleBroken):
    """Wrong, old, answered before or never handed out: one answer."""

    slug: ClassVar[str] = "captcha-wrong"
    title: ClassVar[str] = "The captcha was answered wrongly or is no longer good"
    detail_zh: ClassVar[str] = "图形验证码不正确或已失效，请重新获取图形验证码。"


@dataclass(frozen=True, slots=True)
class NewCaptcha:
    """`image` is a data URI (RFC 2397), so that a page shows it without another request."""

    captcha_id: UUID
    image: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CaptchaAnswer:
    """What somebody read; capitals and spaces around do not matter."""

    captcha_id: UUID
    answer: str

    def redeem(self, tx: Tx) -> bool:
        """Good once: the picture is gone with its first answer. The caller commits either way."""
        taken = tx.execute(
            delete(Captcha)
            .where(Captcha.captcha_id == self.captcha_id)
            .returning(Captcha.answer_digest, Captcha.expires_at)
        ).first()
        digest = _digest(self.captcha_id, self.answer)
        is_right = (
            taken is not None
            and clock.now() < taken.expires_at
            and hmac.compare_digest(taken.answer_digest, digest)
        )
        if not is_right:
            audit.record(
                tx, "auth.captcha_refused", object_type="captcha", object_id=self.captcha_id
            )
        return is_right


def make_captcha() -> NewCaptcha:
    """Drawn on no connection. Raises AddressExhausted: a picture costs some 15 ms of a core."""
    with reading() as reader:
        refuse_exhausted_address(reader, Attempt.CAPTCHA)
    answer = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    picture = base64.b64encode(_painter().generate(answer).getvalue()).decode()
    captcha_id = new_id()
    expires_at = clock.now() + timedelta(minutes=current_settings().captcha_minutes)
    with transaction() as tx:
        tx.add(
            Captcha(
                captcha_id=captcha_id,
                answer_digest=_digest(captcha_id, answer),
                expires_at=expires_at,
            )
        )
        note_attempt(tx, Attempt.CAPTCHA)
        audit.record(tx, "auth.captcha_made", object_type="captcha", object_id=captcha_id)
    return NewCaptcha(captcha_id, f"data:image/png;base64,{picture}", expires_at)


def _digest(captcha_id: UUID, answer: str) -> bytes:
    """Keyed: ten million answers are soon tried. A blind index knows no small letters."""
    return blind_index(f"{captcha_id}:{answer.strip()}")


@cache
def _painter() -> ImageCaptcha:
    """Fonts are read once."""
    return ImageCaptcha(width=200, height=70)
