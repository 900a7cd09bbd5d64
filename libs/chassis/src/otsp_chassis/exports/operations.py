"""The HTTP edge of exports: one implementation of the operations that all services declare."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from otsp_chassis.context import current_runtime
from otsp_chassis.db import reading
from otsp_chassis.exports import commands, runs
from otsp_chassis.exports.listed import Lists
from otsp_chassis.exports.runs import ExportRow
from otsp_chassis.http import Answer, Parameter
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError

_OF_PAGES = frozenset({"cursor", "limit"})


class Operations:
    """Of one service; `list` names the list where the service has several."""

    def __init__(self, lists: Lists) -> None:
        self._lists = dict(lists)
        self._only = next(iter(lists)) if len(lists) == 1 else None

    def request_export(
        self,
        institution_id: str,
        principal: Principal,
        *,
        body: dict[str, Any],
        query_parameters: Mapping[str, Mapping[str, Parameter]],
    ) -> Answer:
        of_list = body.get("list") or self._only or ""
        listed = self._lists[of_list]
        export = commands.request_export(
            self._lists,
            principal,
            UUID(institution_id),
            of_list=of_list,
            file_format=body["format"],
            filters=sound_filters(
                body.get("filters", {}), query_parameters[listed.operation], listed.name_zh
            ),
        )
        service = current_runtime().service
        place = f"/api/{service}/v1/institutions/{institution_id}/exports/{export.export_id}"
        return Answer(export, 202, location=place)

    def get_export(self, institution_id: str, export_id: str, principal: Principal) -> ExportRow:
        principal.require_own(UUID(institution_id))
        with reading() as tx:
            return runs.get_export(tx, UUID(institution_id), UUID(export_id))


def sound_filters(
    filters: Mapping[str, Any], parameters: Mapping[str, Parameter], name_zh: str
) -> dict[str, Any]:
    """As the list's own operation takes them; raises Invalid with every fault."""
    faults = list(_faults(filters, parameters, name_zh))
    if faults:
        raise Invalid(errors=faults)
    return dict(filters)


def _faults(
    filters: Mapping[str, Any], parameters: Mapping[str, Parameter], name_zh: str
) -> Iterator[FieldError]:
    known = {name: each for name, each in parameters.items() if name not in _OF_PAGES}
    for name, value in filters.items():
        if name in known:
            for fault in known[name].faults_of(value):
                yield FieldError(f"/filters/{name}{fault.pointer}", fault.code, fault.detail)
        else:
            choice = "、".join(known) or "无"
            detail = f"“{name_zh}”没有这个筛选条件，请删除。可用的筛选条件：{choice}。"
            yield FieldError(f"/filters/{name}", "unknown_filter", detail)
