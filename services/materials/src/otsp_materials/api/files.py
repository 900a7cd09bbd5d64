"""Operations on files: the contents of materials and the records of reviews."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis import downloads
from otsp_chassis.db import reading
from otsp_chassis.files import AttachmentInfo
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_materials.commands import files as commands
from otsp_materials.queries import files as queries


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    return Answer(info, 201)


def get_file(institution_id: str, file_id: str, principal: Principal) -> AttachmentInfo:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.get_file(tx, UUID(institution_id), UUID(file_id))


get_file_content = downloads.get_file_content
