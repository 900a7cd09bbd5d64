"""Photos and scans."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis.files import AttachmentInfo, store_attachment
from otsp_chassis.identity import Principal


def store_file(
    principal: Principal, institution_id: UUID, *, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    """A photo or scan, to be named in a person's fields afterwards."""
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )
