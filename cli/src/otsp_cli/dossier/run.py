"""One dossier after the other, from the first text message to the result (architecture §7)."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from otsp_cli.dossier import courses, filing, institution, materials, staff
from otsp_cli.dossier.completion import Completion
from otsp_cli.dossier.desk import Desk
from otsp_cli.dossier.gateway import Gateway, NotInTime, Refused, Session, wait_for
from otsp_cli.dossier.place import Misplaced, at
from otsp_cli.dossier.registration import Registered, Registrar
from otsp_cli.dossier.supervision import Supervision
from otsp_contracts.snapshots.dossier import Dossier, DossierErrors, DossierRectification
from otsp_contracts.values import USCC, uscc_check_digit

Json = Any
Say = Callable[[str], None]
REVIEW_SECONDS = 60.0
CURE_SECONDS = 15.0
RECTIFICATIONS = "/api/compliance/v1/rectifications"
COUNTY = "330106"
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for. `as_of` overrides the dossiers' own."""

    is_self_check: bool
    is_completing: bool = True
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """An institution that was registered, how it logs in, and the dossier's names of its rows."""

    name: str
    account: Registered
    references: Mapping[str, str]


class Loader:
    """Loads dossiers into one platform; each stands or falls alone."""

    def __init__(
        self, gateway: Gateway, supervision: Supervision, *, options: Options, say: Say
    ) -> None:
        self._registrar = Registrar(gateway)
        self._supervision = supervision
        self._options = options
        self._say = say
        self._today = supervision.business_day(COUNTY)
        self.entered: dict[str, Entered] = {}

    def results(self, dossiers: Iterable[Dossier | DossierErrors]) -> Iterator[dict[str, Json]]:
        """One JSON object a dossier, in order."""
        for dossier in dossiers:
            if isinstance(dossier, DossierErrors):
                yield _invalid(dossier.sample or "?", [_error(each) for each in dossier.errors])
            else:
                yield self._result(dossier)

    def _result(self, dossier: Dossier) -> dict[str, Json]:
        self._say(f"{dossier.sample}: {dossier.institution.name}")
        try:
            return self._load(dossier)
        except Misplaced as fault:
            return _invalid(dossier.sample, fault.errors)
        except Refused as refused:
            return {"sample": dossier.sample, "state": "failed", "errors": refused.errors}
        except NotInTime as late:
            detail = f"平台未在规定时间内完成处理，请稍后重试（{late}）。"
            fault_here = {"pointer": "", "code": "not_in_time", "detail": detail}
            return {"sample": dossier.sample, "state": "failed", "errors": [fault_here]}

    def _load(self, dossier: Dossier) -> dict[str, Json]:
        as_of = self._options.as_of or dossier.as_of or self._today
        if not self._options.is_self_check and as_of != self._today:
            detail = (
                f"提交申请以当日（{self._today}）为准，档案的 as_of 应为该日；其他日期请用自查。"
            )
            raise Misplaced([{"pointer": "/as_of", "code": "another_day", "detail": detail}])
        if not self._options.is_self_check and dossier.closing is not None:
            detail = "注销申请暂不能由本命令提交，请用自查（--self-check）检查能否注销。"
            raise Misplaced([{"pointer": "/closing", "code": "not_filed", "detail": detail}])
        completion = Completion(dossier, as_of, is_on=self._options.is_completing)
        desk = self._enter(dossier, completion)
        session, institution_id = desk.session, desk.institution_id
        if self._options.is_self_check:
            found, elapsed_ms = filing.self_check(
                session, institution_id, as_of=as_of, closing=institution.closing_of(desk)
            )
        else:
            with at("/sample"):
                found, elapsed_ms = filing.submit(session, institution_id)
        return filing.outcome(dossier.sample, found, elapsed_ms, references=desk.references)

    def _enter(self, dossier: Dossier, completion: Completion) -> Desk:
        region_code = dossier.institution.region_code or COUNTY
        types = tuple(dossier.institution.nonsubject_types or ())
        self._supervision.prepare(region_code, nonsubject_types=types)
        if dossier.region is not None:
            with at("/region"):
                self._supervision.configure(dossier.region)
        with at("/institution"):
            person = self._registrar.register()
            desk = Desk(person.session, person.institution_id, dossier, completion)
            registration = institution.registration_of(dossier, completion)
            _put_registration(desk, registration)
            name = registration.get("name") or ""
            self.entered[dossier.sample] = Entered(name, person, desk.references)
            if not self._options.is_self_check:
                self._have_registration_approved(desk, region_code)
            institution.fill_basic(desk)
            self._legacy_origin(desk, region_code)
        institution.fill(desk)
        self._fill(desk, region_code)
        return desk

    def _fill(self, desk: Desk, region_code: str) -> None:
        with at("/staff"):
            staff.fill(desk)
            self._what_others_know_of_staff(desk, region_code)
        with at("/materials"):
            due = materials.fill(desk)
        for review in due:
            self._supervision.decide(
                "external_review",
                review.material_id,
                region_code,
                decision=review.decision,
                reason="示例：外部审核意见",
                decided_on=review.reviewed_on,
            )
        courses.fill(desk)
        self._rectifications(desk, region_code)
        materials.await_reviews(desk, due)

    def _have_registration_approved(self, desk: Desk, region_code: str) -> None:
        desk.session.post(desk.path("institution", "registration", "submission"), None)
        self._supervision.decide(
            "registration", desk.institution_id, region_code, decision="approve"
        )
        wait_for(
            lambda: desk.session.get(desk.path("institution")),
            lambda seen: seen["registration"]["status"] == "approved",
            seconds=REVIEW_SECONDS,
        )

    def _legacy_origin(self, desk: Desk, region_code: str) -> None:
        origin = desk.dossier.institution.migrated_from
        if origin is None:
            return
        office = self._supervision.office("education", "county", region_code)
        session = self._supervision.as_role(office, "region_admin")
        session.put(
            desk.path("institution", "legacy-origin"),
            {"migrated_from": origin},
            of=desk.path("institution"),
        )

    def _what_others_know_of_staff(self, desk: Desk, region_code: str) -> None:
        """A blacklist match is the authority's, full-time work elsewhere another institution's."""
        for person in desk.dossier.staff or ():
            if person.blacklisted and person.id_no:
                office = self._supervision.office("education", "county", region_code)
                entry = {
                    "id_type": person.id_type or "cnid",
                    "id_no": person.id_no,
                    "name": person.name or "示例",
                    "reason": "pupil_abuse",
                    "decided_on": "2024-01-10",
                    "basis_doc": "示例处理决定书",
                }
                session = self._supervision.as_role(office, "region_admin")
                _post_once(session, "/api/staff/v1/blacklist-entries", entry)
            if person.other_full_time and person.id_no:
                self._employ_elsewhere(desk, person.staff_id, region_code)

    def _employ_elsewhere(self, desk: Desk, staff_id: str, region_code: str) -> None:
        """Register the same person full-time at a helper institution (decision D21)."""
        helper = self._registrar.register()
        person = next(each for each in desk.dossier.staff or () if each.staff_id == staff_id)
        away = Desk(helper.session, helper.institution_id, desk.dossier, desk.completion)
        other = {"name": "示例同业培训学校", "uscc": _helper_uscc(region_code)}
        _put_registration(away, institution.registration_of(desk.dossier, desk.completion) | other)
        away.create("staff", "staff", staff.values_of(away, person) | {"employment": "full_time"})

    def _rectifications(self, desk: Desk, region_code: str) -> None:
        for index, task in enumerate(desk.dossier.rectifications or ()):
            office = self._supervision.office("education", "county", region_code)
            with at(f"/rectifications/{index}"):
                _set_task(self._supervision.as_role(office, "reviewer"), desk, task)


def _set_task(reviewer: Session, desk: Desk, task: DossierRectification) -> None:
    """A task, brought to where the dossier says that it stands."""
    place = f"{RECTIFICATIONS}/{_begun(reviewer, desk, task)}"
    if task.status == "closed":
        with suppress(NotInTime):  # what still holds, the platform says itself
            wait_for(
                lambda: reviewer.get(place),
                lambda seen: not seen["condition_holds"],
                seconds=CURE_SECONDS,
            )
    if task.status in ("submitted", "closed", "waived"):
        closed_on = task.closed_on.isoformat() if task.closed_on else None
        closure = {"status": task.status, "note": "示例核验意见", "closed_on": closed_on}
        reviewer.post(f"{place}/closure", closure)


def _begun(reviewer: Session, desk: Desk, task: DossierRectification) -> str:
    """Set by the authority, unless the law has opened one of the kind."""
    body = {
        "institution_id": desk.institution_id,
        "kind": task.kind,
        "reason_text": task.reason_text or "示例整改要求",
        "due_on": task.due_on.isoformat() if task.due_on else None,
    }
    try:
        return str(reviewer.post(RECTIFICATIONS, body)["rectification_id"])
    except Refused as refused:
        if refused.slug != "rectification-unfinished":
            raise
        return str(refused.problem["rectification_id"])


def _post_once(session: Session, path: str, values: dict[str, Json]) -> None:
    """An entry that exists already is as good as made."""
    try:
        session.post(path, values)
    except Refused as refused:
        if refused.status != CONFLICT:
            raise


def _put_registration(desk: Desk, values: dict[str, Json]) -> None:
    path = desk.path("institution", "registration")
    desk.session.put(path, values, of=desk.path("institution"))


def _invalid(sample: str, errors: list[dict[str, str]]) -> dict[str, Json]:
    return {"sample": sample, "state": "invalid", "errors": errors}


def _error(error: Any) -> dict[str, str]:  # noqa: ANN401
    return {"pointer": error.pointer, "code": error.code, "detail": error.detail}


def _helper_uscc(region_code: str) -> str:
    """A sound number of nobody's, another one each time."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "MJH" + "".join(secrets.choice(alphabet) for _ in range(6))
    first_17 = f"52{region_code}{body}"
    return str(USCC.parse(first_17 + uscc_check_digit(first_17)))
