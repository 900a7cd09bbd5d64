"""Taking files in."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis.files import AttachmentInfo, store_attachment
from otsp_chassis.identity import Principal


def store_file(
    principal: Principal, institution_id: UUID, *, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    """A material's content or the record of a review, to be named by its id afterwards."""
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )
