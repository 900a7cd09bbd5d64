"""The sample's HTTP edge."""

from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.downloads import FileOperations
from otsp_chassis.drafts import Drafts
from otsp_chassis.http import Answer, Download, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_testkit.sample import commands, queries, rules


def list_items(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    kind: list[str] | None = None,
) -> Page[queries.ItemRow]:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.list_items(
            tx, UUID(institution_id), kinds=kind or [], cursor=cursor, limit=limit
        )


@checked(rules.check_item)
def add_item(institution_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    item = commands.add_item(principal, UUID(institution_id), body)
    location = f"/api/sample/v1/institutions/{institution_id}/items/{item.item_id}"
    return Answer(item, 201, version=item.version, location=location)


def get_item(institution_id: str, item_id: str, principal: Principal) -> Answer:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        item = queries.get_item(tx, UUID(institution_id), UUID(item_id))
    return Answer(item, version=item.version)


@checked(rules.check_item)
def replace_item(
    institution_id: str,
    item_id: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    item = commands.replace_item(
        principal, UUID(institution_id), UUID(item_id), fields=body, if_match=if_match
    )
    return Answer(item, version=item.version)


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    return Answer(info, 201)


_files = FileOperations(queries.FILES)
get_file_content, get_file_preview = _files.get_file_content, _files.get_file_preview

_drafts = Drafts(queries.FORMS)
list_drafts, get_draft = _drafts.list_drafts, _drafts.get_draft
put_draft, discard_draft = _drafts.put_draft, _drafts.discard_draft


def get_announcement() -> dict[str, str]:
    return {"text": "公告"}


def answer_against_contract() -> dict[str, str]:
    return {"number": "seven"}


def send_against_contract() -> Download:
    return Download(BytesIO(b"1"), name="a", content_type="text/plain", size=1, sha256="")
