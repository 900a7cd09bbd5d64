"""The HTTP edge of exports: one implementation of the operations that all services declare."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Reader, reading, transaction
from otsp_chassis.downloads import attached
from otsp_chassis.exports import commands, runs
from otsp_chassis.exports.listed import Asker, Lists
from otsp_chassis.exports.runs import ExportRow
from otsp_chassis.files import open_attachment
from otsp_chassis.http import Answer, Download, Parameter
from otsp_chassis.http.validation import pointer_of
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError

_OF_PAGES = frozenset({"cursor", "limit"})

Parameters = Mapping[str, Mapping[str, Parameter]]
"""Those of the query of each operation, by its id."""


class Operations:
    """An institution's, of one service; `list` names the list where the service has several."""

    def __init__(self, lists: Lists) -> None:
        self._lists = dict(lists)

    def request_export(
        self,
        institution_id: str,
        principal: Principal,
        *,
        body: dict[str, Any],
        query_parameters: Parameters,
    ) -> Answer:
        asker = commands.institution_asker(principal, UUID(institution_id))
        place = f"institutions/{institution_id}/exports"
        return _asked(self._lists, asker, body=body, parameters=query_parameters, place=place)

    def get_export(self, institution_id: str, export_id: str, principal: Principal) -> ExportRow:
        asker = commands.institution_asker(principal, UUID(institution_id))
        with reading() as tx:
            return runs.get_export(tx, asker, UUID(export_id))


class AuthorityOperations:
    """Those of whoever acts for an authority: nobody else's, colleagues not excepted."""

    def __init__(self, lists: Lists) -> None:
        self._lists = dict(lists)

    def request_export(
        self, principal: Principal, *, body: dict[str, Any], query_parameters: Parameters
    ) -> Answer:
        asker = commands.authority_asker(principal)
        return _asked(self._lists, asker, body=body, parameters=query_parameters, place="exports")

    def get_export(self, export_id: str, principal: Principal) -> ExportRow:
        with reading() as tx:
            return runs.get_export(tx, commands.authority_asker(principal), UUID(export_id))

    def get_content(self, export_id: str, principal: Principal) -> Download:
        """The bytes, whole or in part; that they were asked for is recorded."""
        return _content(commands.authority_asker(principal), UUID(export_id))


class MaskedOperations:
    """The lists of an institution for whoever acts for an authority that covers it: masked as its
    list reads are without a case, also in one, because a file goes on from hand to hand.

    `sight_of` is the service's own and raises what its reads do. It is asked each time: whoever no
    longer covers the institution does not get the file either.
    """

    def __init__(self, lists: Lists, sight_of: Callable[[Reader, Principal, UUID], object]) -> None:
        self._lists = dict(lists)
        self._sight_of = sight_of

    def request_export(
        self,
        institution_id: str,
        principal: Principal,
        *,
        body: dict[str, Any],
        query_parameters: Parameters,
    ) -> Answer:
        asker = self._asker(principal, UUID(institution_id))
        place = f"institutions/{institution_id}/masked-exports"
        return _asked(self._lists, asker, body=body, parameters=query_parameters, place=place)

    def get_export(self, institution_id: str, export_id: str, principal: Principal) -> ExportRow:
        asker = self._asker(principal, UUID(institution_id))
        with reading() as tx:
            return runs.get_export(tx, asker, UUID(export_id))

    def get_content(self, institution_id: str, export_id: str, principal: Principal) -> Download:
        """The bytes, whole or in part; that they were asked for is recorded."""
        return _content(self._asker(principal, UUID(institution_id)), UUID(export_id))

    def _asker(self, principal: Principal, institution_id: UUID) -> Asker:
        asker = commands.authority_asker(principal, institution_id)
        with reading() as tx:
            self._sight_of(tx, principal, institution_id)
        return asker


def _content(asker: Asker, export_id: UUID) -> Download:
    with transaction() as tx:
        runs.get_export(tx, asker, export_id)
        info, stream = open_attachment(tx, asker.owner_id, export_id)
        audit.record(
            tx,
            "export.downloaded",
            object_type="export",
            object_id=export_id,
            institution_id=asker.institution_id,
        )
    return attached(info, stream)


def _asked(
    lists: Lists, asker: Asker, *, body: dict[str, Any], parameters: Parameters, place: str
) -> Answer:
    of_list = body["list"] if len(lists) > 1 else next(iter(lists))
    listed = lists[of_list]
    export = commands.request_export(
        lists,
        asker,
        of_list=of_list,
        file_format=body["format"],
        filters=sound_filters(
            body.get("filters", {}), parameters[listed.operation], listed.name_zh
        ),
    )
    service = current_runtime().service
    return Answer(export, 202, location=f"/api/{service}/v1/{place}/{export.export_id}")


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
        pointer = pointer_of(["filters", name])
        if name in known:
            for fault in known[name].faults_of(value):
                yield FieldError(pointer + fault.pointer, fault.code, fault.detail)
        else:
            choice = "、".join(known) or "无"
            detail = f"“{name_zh}”没有这个筛选条件，请删除。可用的筛选条件：{choice}。"
            yield FieldError(pointer, "unknown_filter", detail)
