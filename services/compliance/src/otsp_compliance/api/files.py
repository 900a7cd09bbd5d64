"""Operations on files: evidence, answers' proofs and closing papers."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis.downloads import FileOperations
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_compliance.commands import files as commands
from otsp_compliance.queries.files import FILES


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    return Answer(info, 201)


_files = FileOperations(FILES)
get_file, get_file_content = _files.get_file, _files.get_file_content
get_file_preview = _files.get_file_preview
