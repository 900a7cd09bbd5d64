"""Reads: uploaded files, without their bytes."""

from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.files import AttachmentInfo, find_attachment
from otsp_chassis.problems import NotFound


def get_file(tx: Reader, institution_id: UUID, file_id: UUID) -> AttachmentInfo:
    """Raises NotFound for another institution's file too."""
    info = find_attachment(tx, institution_id, file_id)
    if info is None:
        raise NotFound
    return info
