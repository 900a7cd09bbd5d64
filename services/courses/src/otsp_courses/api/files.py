"""Operations on files."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis import downloads
from otsp_chassis.db import reading
from otsp_chassis.files import AttachmentInfo
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_courses.commands import files as commands
from otsp_courses.queries import files as queries


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    location = f"/api/courses/v1/institutions/{institution_id}/files/{info.file_id}"
    return Answer(info, 201, location=location)


def get_file(institution_id: str, file_id: str, principal: Principal) -> AttachmentInfo:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.get_file(tx, UUID(institution_id), UUID(file_id))


get_file_content = downloads.get_file_content
