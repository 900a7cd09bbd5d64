"""The row scope of files: that of the rows that name them (domain specification §5.3, D26).

The institution sees its own. An authority sees what a row names that it may read, and sensitive
scans only while a case of the institution lies with it; those as pictures, never as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Forbidden, NotFound
from otsp_chassis.references import Reference, shows_sensitive
from otsp_chassis.reveals import CaseRequired


class PreviewOnly(Forbidden):
    slug: ClassVar[str] = "file-preview-only"
    title: ClassVar[str] = "Only pictures with a watermark"
    detail_zh: ClassVar[str] = "证件、合同、账户等扫描件只提供带水印的预览，不提供原文件下载。"


@dataclass(frozen=True, slots=True)
class FileScope:
    """Of one service. `open_case` refuses who may not read of the institution at all, and tells
    the case that the caller's authority has of it.
    """

    references: Sequence[Reference]
    open_case: Callable[[Reader, Principal, UUID], UUID | None]

    def require_sight(
        self,
        tx: Reader,
        principal: Principal,
        *,
        institution_id: UUID,
        file_id: UUID,
        as_it_is: bool = False,
    ) -> str | None:
        """Who passes may see the file, or have it `as_it_is`; returns the ground for the trail.

        Raises OtherInstitution, OutsideJurisdiction, NotFound, CaseRequired or PreviewOnly.
        """
        case_id = self.open_case(tx, principal, institution_id)
        if principal.authority is None:
            return None
        is_sensitive = shows_sensitive(
            tx, self.references, institution_id=institution_id, file_id=file_id
        )
        if is_sensitive is None:
            raise NotFound
        if is_sensitive and case_id is None:
            raise CaseRequired
        if is_sensitive and as_it_is:
            raise PreviewOnly
        return None if case_id is None else f"事项 {case_id}"
