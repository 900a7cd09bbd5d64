"""Taking files in, and holding what is written to name none but the institution's own."""

from collections.abc import Mapping
from typing import BinaryIO
from uuid import UUID

from otsp_chassis.db import Tx
from otsp_chassis.files import AttachmentInfo, find_attachment, store_attachment
from otsp_chassis.identity import Principal
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError


def store_file(
    principal: Principal, institution_id: UUID, *, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    """Evidence or a paper, to be named by its id afterwards."""
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )


def require_files(tx: Tx, institution_id: UUID, named: Mapping[str, UUID | None]) -> None:
    """Pointer → file. First statement of a command that names files: what erases unnamed ones
    waits for it.

    Nobody locks this scope: an application's own papers may be written while it is reviewed.
    """
    guard_write(tx, institution_id, "files")
    faults = [
        FieldError(pointer, "unknown_file", "没有这个文件，请先上传。")
        for pointer, file_id in named.items()
        if file_id is not None and find_attachment(tx, institution_id, file_id) is None
    ]
    if faults:
        raise Invalid(errors=faults)
