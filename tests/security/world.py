"""An institution with rows in each of the six services, entered over HTTP from the examples.

`send` builds a request from an operation alone: ids from here, the body from its example.
"""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import openpyxl
import orjson
import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.identity import HEADER
from otsp_chassis.ids import new_id
from otsp_chassis.imports.workbooks import template
from otsp_compliance.commands.receipts import issue_filing
from otsp_compliance.model import Application, Notice, NoticeItem, RegisterEntry
from otsp_compliance.rules.register import public_entry
from otsp_contracts.compliance import CaseDecided, CaseRouted
from otsp_contracts.compliance.register import PublicPicturesChanged
from otsp_contracts.snapshots import Snapshot
from otsp_courses.commands import imports as courses_imports
from otsp_materials.commands import imports as materials_imports
from otsp_staff.commands import imports as staff_imports
from otsp_testkit import PlatformKit
from otsp_testkit.client import Answered
from otsp_testkit.documents import SHEET, pdf, picture
from otsp_testkit.specifications import JSON, Operation, all_operations

Ids = Mapping[str, str]
QUERY = {
    "mobile": "13800000001",
    "email": "zhou@example.test",
    "name": "file.pdf",
    "year": "2027",
    "delivery": "offline",
    "kind": "legal_rep_id",
    "courses.kind": "courses",
    "from": "2020-01-01T00:00:00Z",
    "to": "2099-01-01T00:00:00Z",
}
FORMS = {
    "institution": "certificate",
    "staff": "staff",
    "materials": "material",
    "courses": "course",
}
"""Of which drafts are kept, one of each service."""
FILES = {
    "otsp_staff.api.people.create_staff": {"contract_file_id": None},
    "otsp_courses.api.sites.add_site": {"fire_proof_file_id": None},
}
"""Fields that an example leaves out, so that a row names the file of its service."""
CSV = "text/csv"
IMPORTERS = {
    "staff": staff_imports.IMPORTERS["staff"],
    "materials": materials_imports.IMPORTERS["materials"],
    "courses": courses_imports.IMPORTERS["courses"],
}
"""Of each service one, whose examples are handed in."""
PDF = pdf("1")
PNG = picture(8, 8)

AUTHORITY = (
    ("national_admin", "auth.authorities.create_authority", "authority_id"),
    ("national_admin", "auth.accounts.create_account", "account_id"),
    ("anonymous", "auth.registration.request_registration", "registration_id"),
)
KEY = (("institution", "auth.keys.create_api_key", "api_key_id"),)
REGISTRATION = (
    ("institution", "institution.registry.enter_registration", None),
    ("institution", "institution.registry.submit_registration", None),
)
ROWS = (
    ("institution", "institution.registry.upload_file", "file_id"),
    ("institution", "institution.licences.put_licence", None),
    ("institution", "institution.licences.add_certificate", "certificate_id"),
    ("institution", "institution.documents.put_party", None),
    ("institution", "institution.documents.add_other_doc", "doc_id"),
    ("institution", "institution.documents.add_audit_report", "audit_report_id"),
    ("institution", "institution.funds.put_supervision", None),
    ("institution", "institution.statements.state_funds", "statement_id"),
    ("institution", "institution.funds.put_basic_account", None),
    ("institution", "institution.funds.put_contract", None),
    ("institution", "institution.funds.add_fee_item", "fee_item_id"),
    ("institution", "institution.exports.request_export", "export_id"),
    ("reviewer", "institution.directory.request_export", "export_id"),
    ("institution", "staff.files.upload_file", "file_id"),
    ("institution", "staff.people.create_staff", "staff_id"),
    ("institution", "staff.exports.request_export", "export_id"),
    ("reviewer", "staff.masked_exports.request_export", "export_id"),
    ("institution", "staff.imports.create_import", "import_id"),
    ("region_admin", "staff.blacklist.create_entry", "entry_id"),
    ("institution", "materials.files.upload_file", "file_id"),
    ("institution", "materials.materials.create_material", "material_id"),
    ("institution", "materials.exports.request_export", "export_id"),
    ("reviewer", "materials.masked_exports.request_export", "export_id"),
    ("institution", "materials.imports.create_import", "import_id"),
    ("institution", "courses.files.upload_file", "file_id"),
    ("institution", "courses.sites.add_site", "site_id"),
    ("institution", "courses.systems.add_system", "system_id"),
    ("institution", "courses.courses.add_course", "course_id"),
    ("institution", "courses.classes.add_class", "class_id"),
    ("institution", "courses.exports.request_export", "export_id"),
    ("reviewer", "courses.masked_exports.request_export", "export_id"),
    ("institution", "courses.imports.create_import", "import_id"),
    ("institution", "institution.drafts.put_draft", None),
    ("institution", "staff.drafts.put_draft", None),
    ("institution", "materials.drafts.put_draft", None),
    ("institution", "courses.drafts.put_draft", None),
    ("institution", "compliance.files.upload_file", "file_id"),
    ("institution", "compliance.applications.start_self_check", "self_check_id"),
    ("institution", "compliance.applications.file_application", "application_id"),
    ("reviewer", "compliance.rectifications.open_rectification", "rectification_id"),
    ("reviewer", "compliance.lists.propose", "list_entry_id"),
    ("national_admin", "compliance.catalogue.publish_rule_version", "re_evaluation_id"),
)
"""Who enters what, and which id comes of it."""
PROPOSALS = (
    ("reviewer", "institution.measures.suspend", "measure_id"),
    ("institution", "institution.proposals.propose_institution", None),
    ("institution", "courses.relocations.propose_relocation", None),
)
"""What only an approved institution has."""


class World:
    """The rows stand; whoever is refused leaves them as they are."""

    def __init__(self, platform: PlatformKit, callers: Any) -> None:
        self.platform, self.callers = platform, callers
        self._operations = {self._short(each): each for each in all_operations()}
        self.ids = {
            "institution_id": str(callers.institution_id),
            "region_code": callers.principal("reviewer").authority.region_code,
            "rule_id": "TIM-003",
            "list_type": "grey",
            "compliance.register.day": clock.today().isoformat(),
            "compliance.register.name": "register.csv",
            "part": "staff",
            "figure": "qualification",
            "month": "2024-10",
            **{f"{name}.section": f"{form}.new" for name, form in FORMS.items()},
            "expires_on": (clock.now() + timedelta(days=30)).date().isoformat(),
        }
        self._enter(AUTHORITY)
        self.session = self._log_in()
        self.secret = self._ask_for_recovery()
        self._activate()
        self._enter(KEY)
        self._enter(REGISTRATION)
        self._approve()
        self._enter(ROWS)
        self._approve_file()
        self._register()
        self._enter(PROPOSALS)
        self._show_evidence()
        self._show_pictures()
        for service in ("institution", *IMPORTERS):
            platform.kits[service].run_job("make_exports")
        for service in IMPORTERS:
            platform.kits[service].run_job("check_imports")
        self._route_case()
        self._issue_receipt()
        self._give_notice()
        assert platform.set_aside() == [], "an event failed somewhere"

    @property
    def fixed(self) -> dict[str, str]:
        """The true ids by which callers are told apart, and none of a row."""
        callers = {"institution_id", "authority_id", "region_code", "open_case_id", "part", "month"}
        told = {name: each for name, each in self.ids.items() if name in callers}
        made_up = {f"{name}.section": f"{form}.{new_id()}" for name, form in FORMS.items()}
        return told | made_up | {"receipt_no": "TJ20261129-AAAA-AAAA-AAAA"}

    def send(self, operation: Operation, column: str, ids: Ids | None = None) -> Answered:
        """With the true ids, or with those given and the others made up."""
        ids = self.ids if ids is None else ids
        path = operation.path.format_map(
            {name: _id(operation, name, ids) for name in operation.parameter_names("path")}
        )
        headers = self.callers.headers(column)
        if "Authorization" in operation.parameter_names("header"):
            is_applicants = ".recovery." in operation.id
            bearer = self.secret if is_applicants else self.session
            headers |= {"Authorization": f"Bearer {bearer}"}
        return (
            self.platform.kits[operation.service]
            .anonymous()
            .call(
                operation.method.upper(),
                path,
                headers=headers,
                query={
                    each["name"]: _of_query(operation, each["name"], ids)
                    for each in operation.parameters()
                    if each["in"] == "query" and each.get("required")
                },
                **_content(operation, ids),
            )
        )

    def id_of(self, operation: Operation, name: str) -> str:
        """What a parameter of a path, or a field of a body, is called here."""
        return _named(operation, name, self.ids) or _id(operation, name, self.ids)

    def photograph(self, service: str) -> dict[str, str]:
        """A digest of every table of one service."""
        with psycopg.connect(self.platform.kits[service].owner_url) as connection:
            names = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            return dict(connection.execute(_digests([name for (name,) in names])).fetchall())

    def _enter(self, rows: tuple[tuple[str, str, str | None], ...]) -> None:
        for column, name, made in rows:
            operation = self._operations[name]
            answer = self.send(operation, column)
            assert answer.status < 300, (name, answer.content.decode())
            if made is not None:
                of_each = made in {"export_id", "file_id", "import_id"}
                own = name.rpartition(".")[0]  # authorities have exports of their own
                of = own if made == "export_id" else operation.service
                key = f"{of}.{made}" if of_each else made
                self.ids[key] = answer.json[made]
            if made == "authority_id":
                self.callers.authority_id = answer.json[made]
        self.platform.settle()

    def _activate(self) -> None:
        """The institution's account is a true one, so that it has keys to give."""
        texts = self.send(
            self._operations["auth.registration.list_development_messages"], "anonymous"
        )
        operation = self._operations["auth.registration.activate_account"]
        code = re.search(r"\d{6}", texts.json["items"][0]["text"])[0]
        door = self.platform.kits["auth"].anonymous()
        path = operation.path.format_map(self.ids)
        account = door.post(path, operation.example() | {"code": code}).json
        self.ids["institution_id"] = account["institution_id"]
        self.callers.institution_id = UUID(account["institution_id"])
        self.callers.accounts["institution"] = UUID(account["account_id"])

    def _ask_for_recovery(self) -> str:
        """A submitted request that lies with the authority, its last proof's id, and its secret."""
        asked = self.send(self._operations["auth.recovery.send_recovery_code"], "anonymous").json
        applicant = self._operations["auth.recovery.send_recovery_code"].example()
        door = self.platform.kits["auth"].anonymous()
        texts = door.get(
            self._operations["auth.registration.list_development_messages"].path,
            query={"mobile": applicant["applicant_mobile"]},
        )
        code = re.search(r"\d{6}", texts.json["items"][0]["text"])[0]
        operation = self._operations["auth.recovery.open_request"]
        proven = {"verification_id": asked["verification_id"], "code": code}
        opened = door.post(operation.path, operation.example() | proven).json
        self.ids["request_id"], self.secret = opened["request_id"], opened["secret"]
        upload = self._operations["auth.recovery.upload_proof"]
        for kind in ("registration_certificate", "legal_rep_id", "authorisation"):
            stored = self.send(upload, "anonymous", self.ids | {"kind": kind})
            self.ids["auth.file_id"] = stored.json["file_id"]
        submitted = self.send(self._operations["auth.recovery.submit_request"], "anonymous")
        assert submitted.status == 200, submitted.content.decode()
        return self.secret

    def _approve(self) -> None:
        cases = self.send(self._operations["compliance.worklist.list_cases"], "reviewer").json
        self.ids["case_id"] = cases["items"][0]["case_id"]
        path = self._operations["compliance.casework.decide_case"].path.format_map(self.ids)
        door = self.platform.kits["compliance"].anonymous()
        answer = door.post(path, {"decision": "approve"}, headers=self.callers.headers("reviewer"))
        assert answer.status == 200, answer.content.decode()
        self.platform.settle()

    def _approve_file(self) -> None:
        """As compliance tells it when an application is approved."""
        told = CaseDecided(
            case_id=new_id(),
            version=2,
            institution_id=self.ids["institution_id"],
            kind="compliance",
            subject_id=new_id(),
            decision="approved",
            decided_on=clock.today(),
        )
        self.platform.kits["institution"].deliver(told)
        self.platform.settle()

    def _register(self) -> None:
        """As compliance enters whom it approves."""
        bare = Snapshot.model_validate(
            {
                "as_of": clock.today(),
                "institution": {"institution": {"institution_id": self.ids["institution_id"]}},
                "region": {"code": self.ids["region_code"]},
                **{section: {} for section in ("staff", "materials", "courses")},
            }
        )
        entry = RegisterEntry(
            institution_id=UUID(self.ids["institution_id"]),
            name="示例学校",
            region_code=self.ids["region_code"],
            detail=orjson.loads(orjson.dumps(public_entry(bare).detail)),
            decision_id=new_id(),
            approved_on=clock.today(),
            categories=[],
            delivery_modes=[],
            nonsubject_types=[],
            stages=[],
        )
        with self.platform.kits["compliance"].active(), transaction() as tx:
            entry.found_by(entry.name)
            tx.add(entry)
        self.platform.kits["compliance"].run_job("publish_open_data")

    def _show_evidence(self) -> None:
        """A step of the rectification names the file of compliance."""
        self.ids["code"] = "licence_replaced"
        path = self._operations["compliance.rectifications.put_step"].path.format_map(self.ids)
        answer = (
            self.platform.kits["compliance"]
            .anonymous()
            .put(
                path,
                {"done_on": None, "file_ids": [self.ids["compliance.file_id"]]},
                headers=self.callers.headers("institution") | {"If-Match": '"1"'},
            )
        )
        assert answer.status == 200, answer.content.decode()

    def _show_pictures(self) -> None:
        """As compliance tells it of whom it approves; photo and logo are files of their own."""
        headers = self.callers.headers("institution")
        for service, name in (("staff", "photos"), ("institution", "logos")):
            path = f"/api/{service}/v1/institutions/{self.ids['institution_id']}/files"
            sent = {"raw": PNG, "content_type": "image/png", "query": {"name": "1"}}
            door = self.platform.kits[service].anonymous()
            stored = door.call("POST", path, headers=headers, **sent)
            self.ids[f"{service}.{name}.file_id"] = stored.json["file_id"]
        told = PublicPicturesChanged(
            institution_id=self.ids["institution_id"],
            version=1,
            logo_file_id=self.ids["institution.logos.file_id"],
            photo_file_ids=[self.ids["staff.photos.file_id"]],
        )
        for service in ("staff", "institution"):
            self.platform.kits[service].deliver(told)

    def _route_case(self) -> None:
        """One that is open, as others keep it: whoever has it sees personal data in clear."""
        self.ids["open_case_id"] = str(new_id())
        told = CaseRouted(
            case_id=self.ids["open_case_id"],
            version=1,
            institution_id=self.ids["institution_id"],
            kind="compliance",
            subject_id=new_id(),
            authority_id=self.callers.authority_id,
        )
        for service in ("institution", "staff", "courses"):
            self.platform.kits[service].deliver(told)

    def _issue_receipt(self) -> None:
        """As if the application had been filed; its snapshot is sealed."""
        with self.platform.kits["compliance"].active(), transaction() as tx:
            application = tx.get_one(Application, UUID(self.ids["application_id"]))
            self.ids["receipt_no"] = issue_filing(tx, application).receipt_no

    def _give_notice(self) -> None:
        """As if the application had been in review, and its one item answered."""
        today, actor = clock.today(), self.callers.accounts["reviewer"]
        known = {"institution_id": UUID(self.ids["institution_id"])}
        with self.platform.kits["compliance"].active(), transaction() as tx:
            application = tx.get_one(Application, UUID(self.ids["application_id"]))
            notice = Notice(
                notice_id=new_id(),
                application_id=application.application_id,
                case_id=UUID(self.ids["case_id"]),
                step_no=1,
                round=1,
                authority_id=UUID(str(self.callers.authority_id)),
                authority_name="示例教育局",
                request_id=application.request_id,
                issued_by=actor,
                issued_on=today,
                due_on=today,
                answered_on=today,
                **known,
            )
            tx.add(notice)
            tx.flush()
            item = NoticeItem(
                item_id=new_id(),
                notice_id=notice.notice_id,
                position=1,
                kind="explanation",
                part="party",
                pointer="",
                basis=[],
                cure_zh="请说明",
                **known,
            )
            tx.add(item)
        self.ids |= {"notice_id": str(notice.notice_id), "item_id": str(item.item_id)}

    def _log_in(self) -> str:
        """As the reviewer whose account was created, with a password that nobody else knows."""
        account = self._operations["auth.accounts.create_account"].example()
        door = self.platform.kits["auth"].anonymous()
        login = self._operations["auth.sessions.open_session"].path
        given = {name: account[name] for name in ("username", "password")}
        token = door.post(login, given).json["token"]
        asked = door.get("/internal/session", headers={"Authorization": f"Bearer {token}"})
        own = "Cangshan-2026-Erhai"
        change = self._operations["auth.own_account.change_password"]
        body = dict.fromkeys(change.example(), own) | {"current_password": given["password"]}
        changed = door.post(change.path, body, headers={HEADER: asked.headers[HEADER]})
        assert changed.status == 204, changed.content.decode()
        return door.post(login, given | {"password": own}).json["token"]

    @staticmethod
    def _short(operation: Operation) -> str:
        return operation.id.removeprefix("otsp_").replace(".api.", ".")


def _content(operation: Operation, ids: Ids) -> dict[str, Any]:
    content = operation.content()
    if JSON in content:
        return {"body": _filled(operation, operation.example() | FILES.get(operation.id, {}), ids)}
    if CSV in content:
        return {"raw": content[CSV]["example"].encode(), "content_type": CSV}
    if set(content) == {SHEET}:
        return {"raw": _example_workbook(operation.service), "content_type": SHEET}
    return {"raw": PDF, "content_type": "application/pdf"} if content else {}


@cache
def _example_workbook(service: str) -> bytes:
    """The template of its list with the first example filled in."""
    importer = IMPORTERS[service]
    book = openpyxl.load_workbook(io.BytesIO(template(importer)))
    sheet = book[importer.name_zh]
    for column, field in enumerate(importer.fields, start=1):
        sheet.cell(2, column, importer.examples[0].get(field.pointer))
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def _filled(operation: Operation, node: Any, ids: Ids) -> Any:
    """The example, naming rows that are there."""
    if isinstance(node, list):
        return [_filled(operation, each, ids) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _named(operation, name, ids) or _filled(operation, value, ids)
        for name, value in node.items()
    }


def _named(operation: Operation, field: str, ids: Ids) -> str | None:
    if field.endswith("file_id"):
        return ids.get(f"{operation.service}.file_id")
    name = {"host_id": "site_id", "case_id": "open_case_id"}.get(field, field)
    named = {"institution_id", "authority_id", "site_id", "expires_on", "open_case_id"}
    return ids.get(name) if name in named else None


def _id(operation: Operation, name: str, ids: Ids) -> str:
    module = operation.id.split(".")[-2]
    of = (f"{operation.service}.{module}.", f"{operation.service}.", "")
    return next((ids[f"{each}{name}"] for each in of if f"{each}{name}" in ids), str(new_id()))


def _of_query(operation: Operation, name: str, ids: Ids) -> str:
    told = QUERY | dict(ids)
    return told.get(f"{operation.service}.{name}") or told[name]


def _digests(tables: Sequence[str]) -> Composed:
    each = SQL("SELECT {}, coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t")
    return SQL(" UNION ALL ").join(each.format(Literal(name), Identifier(name)) for name in tables)
