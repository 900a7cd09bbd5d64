"""Attachments on their way out: one implementation of the operations that all services declare."""

from typing import BinaryIO
from uuid import UUID

from otsp_chassis import audit, previews
from otsp_chassis.db import reading, transaction
from otsp_chassis.file_scope import FileScope
from otsp_chassis.files import AttachmentInfo, get_attachment, open_attachment
from otsp_chassis.http import Download
from otsp_chassis.identity import Principal


class FileOperations:
    """What can be read of a service's files. Each look at the bytes or at a page is recorded."""

    def __init__(self, scope: FileScope) -> None:
        self._scope = scope

    def get_file(self, institution_id: str, file_id: str, principal: Principal) -> AttachmentInfo:
        """What is known of it. Raises what `FileScope.require_sight` does, as all here."""
        owner_id, asked = UUID(institution_id), UUID(file_id)
        with reading() as tx:
            self._scope.require_sight(tx, principal, institution_id=owner_id, file_id=asked)
            return get_attachment(tx, owner_id, asked)

    def get_file_content(self, institution_id: str, file_id: str, principal: Principal) -> Download:
        """The bytes, whole or in part."""
        info, stream = self._opened(institution_id, file_id, principal, looked_at=None)
        return attached(info, stream)

    def get_file_preview(
        self, institution_id: str, file_id: str, principal: Principal, *, page: int, width: int
    ) -> Download:
        """One page as a picture, marked with who looks unless it is the institution itself."""
        info, stream = self._opened(institution_id, file_id, principal, looked_at=page)
        mark = previews.mark_of(principal)
        return previews.preview(info, stream, page=page, width=width, mark=mark)

    def _opened(
        self, institution_id: str, file_id: str, principal: Principal, *, looked_at: int | None
    ) -> tuple[AttachmentInfo, BinaryIO]:
        owner_id, asked = UUID(institution_id), UUID(file_id)
        with transaction() as tx:
            ground = self._scope.require_sight(
                tx,
                principal,
                institution_id=owner_id,
                file_id=asked,
                as_it_is=looked_at is None,
            )
            opened = open_attachment(tx, owner_id, asked)
            page = None if looked_at is None else f"第 {looked_at} 页"
            audit.record(
                tx,
                "file.downloaded" if looked_at is None else "file.previewed",
                object_type="file",
                object_id=asked,
                institution_id=owner_id,
                reason="，".join(each for each in (ground, page) if each) or None,
            )
        return opened


def attached(info: AttachmentInfo, stream: BinaryIO) -> Download:
    """The answer that sends an opened attachment."""
    return Download(
        stream=stream,
        name=info.name,
        content_type=info.content_type,
        size=info.size,
        sha256=info.sha256,
    )
