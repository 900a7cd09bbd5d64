"""The institution's clerk at work: a session, the file that grows, the ids it was given."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from otsp_cli.dossier.completion import Completion
from otsp_cli.dossier.gateway import Session
from otsp_contracts.snapshots.dossier import Dossier

Values = dict[str, Any]


@dataclass(slots=True)
class Desk:
    """Everything that filling in one institution's file needs.

    A dossier names its rows itself (T1, K1-1), each list by itself; `ids` and `references` map
    these names to the platform's ids and back.
    """

    session: Session
    institution_id: str
    dossier: Dossier
    completion: Completion
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    _placeholders: dict[str, str] = field(default_factory=dict)

    def path(self, service: str, *parts: str) -> str:
        return "/".join((f"/api/{service}/v1/institutions/{self.institution_id}", *parts))

    def create(self, service: str, place: str, values: Values) -> Values:
        """POST one row; the answer as stored."""
        stored: Values = self.session.post(self.path(service, place), values)
        return stored

    def remember(self, kind: str, reference: str, *, platform_id: str) -> None:
        self.ids[kind, reference] = platform_id
        self.references[platform_id] = reference

    def known(self, kind: str, reference: str) -> str:
        """The platform's id of a row that this list of the dossier names.

        A name that no row has stays dangling on the platform too: some rule judges that.
        """
        return self.ids.get((kind, reference), UNKNOWN)

    def placeholder(self, service: str, name: str) -> str:
        """The file id of a small PDF of this institution's own; one serves a whole service."""
        if service not in self._placeholders:
            self._placeholders[service] = str(self.upload(service, name, name)["file_id"])
        return self._placeholders[service]

    def upload(self, service: str, name: str, content: str) -> Values:
        """A placeholder file; equal content of one institution gives equal hashes."""
        text = f"%PDF-1.4\n% otsp placeholder {self.institution_id} {content}\n%%EOF\n".encode()
        stored: Values = self.session.upload(
            self.path(service, "files"), name=f"{name}.pdf", content=text, content_type=PDF
        )
        return stored


PDF = "application/pdf"
UNKNOWN = "00000000-0000-7000-8000-000000000000"


def said(entry: BaseModel, *omitted: str) -> Values:
    """What the dossier says of one part, null included, less what is told elsewhere."""
    return entry.model_dump(mode="json", exclude_unset=True, exclude=set(omitted))
