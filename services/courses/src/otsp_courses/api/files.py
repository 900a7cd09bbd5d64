"""Operations on files."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis.downloads import FileOperations
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_courses.commands import files as commands
from otsp_courses.queries.files import FILES


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    location = f"/api/courses/v1/institutions/{institution_id}/files/{info.file_id}"
    return Answer(info, 201, location=location)


_files = FileOperations(FILES)
get_file, get_file_content = _files.get_file, _files.get_file_content
get_file_preview = _files.get_file_preview
