"""Pictures that a machine should not read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base


class Captcha(Base):
    """One picture that was handed out; deleted with its first answer, right or wrong."""

    __tablename__ = "captcha"

    captcha_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer_digest: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)
