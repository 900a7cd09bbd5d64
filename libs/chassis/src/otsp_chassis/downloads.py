"""Attachments on their way out: one implementation of the operation that all services declare."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_chassis.files import AttachmentInfo, open_attachment
from otsp_chassis.http import Download
from otsp_chassis.identity import Principal


def get_file_content(institution_id: str, file_id: str, principal: Principal) -> Download:
    """The bytes of the institution's own file; that they were asked for is recorded.

    Raises OtherInstitution, and NotFound for anybody else's file.
    """
    owner_id = UUID(institution_id)
    principal.require_own(owner_id)
    with transaction() as tx:
        info, stream = open_attachment(tx, owner_id, UUID(file_id))
        audit.record(
            tx,
            "file.downloaded",
            object_type="file",
            object_id=info.file_id,
            institution_id=owner_id,
        )
    return attached(info, stream)


def attached(info: AttachmentInfo, stream: BinaryIO) -> Download:
    """The answer that sends an opened attachment."""
    return Download(
        stream=stream,
        name=info.name,
        content_type=info.content_type,
        size=info.size,
        sha256=info.sha256,
    )
