"""Registration, basic information, legacy origin, files."""

from typing import Any, BinaryIO
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.downloads import FileOperations
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.sight import note_reading
from otsp_institution.api.answers import PREFIX, Body, entered
from otsp_institution.commands import registry as commands
from otsp_institution.queries import registry as queries
from otsp_institution.queries.files import FILES
from otsp_institution.queries.sight import sight_of
from otsp_institution.rules.fields import check_institution


def get_institution(institution_id: str, principal: Principal) -> Answer:
    owner = UUID(institution_id)
    with reading() as tx:
        sight = sight_of(tx, principal, owner)
        row = queries.get_institution_as_seen(tx, owner, sight)
    note_reading(
        sight,
        owner,
        object_type="institution",
        object_ids=[owner],
        pii_fields=queries.TOLD_IN_CASE,
    )
    return Answer(row, version=row.version)


@checked(check_institution)
def update_institution(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    row = commands.update_institution(
        principal, UUID(institution_id), fields=body, if_match=if_match
    )
    return entered(row, row.version, f"{PREFIX}/{institution_id}", if_match=if_match)


@checked(check_institution)
def enter_registration(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    row = commands.enter_registration(
        principal, UUID(institution_id), fields=body, if_match=if_match
    )
    return entered(row, row.version, f"{PREFIX}/{institution_id}", if_match=if_match)


def submit_registration(institution_id: str, principal: Principal) -> Answer:
    row = commands.submit_registration(principal, UUID(institution_id))
    return Answer(row, version=row.version)


def set_legacy_origin(institution_id: str, principal: Principal, *, body: Body) -> dict[str, Any]:
    return commands.set_legacy_origin(principal, UUID(institution_id), body["migrated_from"])


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    return Answer(info, 201, location=f"{PREFIX}/{institution_id}/files/{info.file_id}")


_files = FileOperations(FILES)
get_file, get_file_content = _files.get_file, _files.get_file_content
get_file_preview = _files.get_file_preview
