"""Files that sites and systems name: proofs, reports, screenshots."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis.files import AttachmentInfo, store_attachment
from otsp_chassis.identity import Principal


def store_file(
    principal: Principal, institution_id: UUID, *, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    """Allowed during a review: a file changes nothing until something names it."""
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )
