"""The HTTP edge of imports: one implementation of the operations that all services declare."""

from collections.abc import Mapping
from typing import Any, BinaryIO
from uuid import UUID

from otsp_chassis.context import current_runtime
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, Download
from otsp_chassis.identity import Principal
from otsp_chassis.imports import commands, runs, store
from otsp_chassis.imports.importer import Importer
from otsp_chassis.imports.runs import ImportRow
from otsp_chassis.imports.workbooks import template
from otsp_chassis.page import Page
from otsp_chassis.sheets import XLSX


class Operations:
    """Of one service; `kind` names the list where the service has several."""

    def __init__(self, importers: Mapping[str, Importer]) -> None:
        self._importers = dict(importers)
        self._only = next(iter(importers)) if len(importers) == 1 else None

    def get_template(
        self, institution_id: str, principal: Principal, *, kind: str | None = None
    ) -> Download:
        principal.require_own(UUID(institution_id))
        importer = self._importer(kind)
        return _workbook(template(importer), f"{importer.name_zh}导入模板.xlsx")

    def create_import(
        self,
        institution_id: str,
        principal: Principal,
        *,
        name: str,
        content_type: str,  # noqa: ARG002 - the contract has one
        stream: BinaryIO,
        kind: str | None = None,
    ) -> Answer:
        found = commands.request_import(
            self._importer(kind), principal, UUID(institution_id), name=name, stream=stream
        )
        return _accepted(found, institution_id)

    def list_imports(
        self, institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
    ) -> Page[ImportRow]:
        principal.require_own(UUID(institution_id))
        with reading() as tx:
            return runs.list_imports(tx, UUID(institution_id), cursor=cursor, limit=limit)

    def get_import(self, institution_id: str, import_id: str, principal: Principal) -> ImportRow:
        principal.require_own(UUID(institution_id))
        with reading() as tx:
            return runs.get_import(tx, UUID(institution_id), UUID(import_id))

    def get_report(self, institution_id: str, import_id: str, principal: Principal) -> Download:
        name, content = commands.get_report(principal, UUID(institution_id), UUID(import_id))
        return _workbook(content, f"{name.removesuffix('.xlsx')}-检查报告.xlsx")

    def apply_import(
        self, institution_id: str, import_id: str, principal: Principal, *, body: dict[str, Any]
    ) -> Answer:
        found = commands.request_application(
            principal,
            UUID(institution_id),
            UUID(import_id),
            importers=self._importers.values(),
            skip_faulty=body["skip_faulty"],
        )
        return _accepted(found, institution_id)

    def _importer(self, kind: str | None) -> Importer:
        return self._importers[kind or self._only or ""]


def _workbook(content: bytes, name: str) -> Download:
    stream, sha256 = store.as_stream(content)
    return Download(stream=stream, name=name, content_type=XLSX, size=len(content), sha256=sha256)


def _accepted(found: ImportRow, institution_id: str) -> Answer:
    service = current_runtime().service
    place = f"/api/{service}/v1/institutions/{institution_id}/imports/{found.import_id}"
    return Answer(found, 202, location=place)
