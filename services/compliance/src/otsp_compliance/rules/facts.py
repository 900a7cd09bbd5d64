"""What the rules look at: a snapshot indexed once, with the names that the rules speak in.

Everything is computed when first asked and kept; every step is linear in the snapshot, or sorts.
Accessors raise MissingData where the snapshot says nothing. A row whose status is null is judged
like a live one: it must not escape by an empty field.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Final, TypeVar

from otsp_compliance.rules.calendar import Calendar, is_weekend
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.outcome import MissingData, Placed, need
from otsp_compliance.rules.parameters import CERT_RANK, Parameters, item_type
from otsp_compliance.rules.timetable import (
    OpenClass,
    Session,
    double_bookings,
    expand,
    most_at_once,
)
from otsp_contracts.snapshots import (
    BasicAccountFacts,
    CertificateFacts,
    Circumstances,
    ContractFacts,
    CourseFacts,
    FeeItemFacts,
    InstitutionFacts,
    LegalRepFacts,
    LicenceFacts,
    MaterialFacts,
    PartyFacts,
    SiteFacts,
    Snapshot,
    StaffFacts,
    SupervisionFacts,
    SystemFacts,
    live,
)
from otsp_contracts.snapshots.live import Row

T = TypeVar("T")

COMPULSORY_STAGES: Final = frozenset({"primary", "junior"})
_INSTRUCTING: Final = frozenset({"teaching", "research"})


class Facts:
    """One snapshot, judged as of one day with the parameters and the calendar of that day."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        as_of: date,
        parameters: Parameters,
        calendar: Calendar,
        closing: Closing | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.as_of = as_of
        self.parameters = parameters
        self.region = snapshot.region
        self._calendar = calendar
        self._closing = closing
        self._sessions: dict[str, tuple[Session, ...] | MissingData] = {}
        self._rest_days: dict[date, bool] = {}

    # --- the institution and its papers ---

    @cached_property
    def institution(self) -> InstitutionFacts:
        return self.snapshot.institution.institution

    @cached_property
    def circumstances(self) -> Circumstances:
        """What decides which fields are asked for."""
        return Circumstances.of(
            self.as_of,
            categories=self.institution.categories,
            delivery_modes=self.institution.delivery_modes,
            legal_nature=self.institution.legal_nature,
        )

    @cached_property
    def legal_rep(self) -> LegalRepFacts:
        return need(self.institution.legal_rep, "/institution/legal_rep")

    @cached_property
    def licence(self) -> LicenceFacts:
        return need(self.snapshot.institution.licence, "/licence")

    @cached_property
    def primary_certificate(self) -> Placed[CertificateFacts]:
        for number, certificate in enumerate(self.snapshot.institution.certificates):
            if certificate.is_primary:
                return Placed((), f"/certificates/{number}", certificate)
        raise MissingData("/certificates")

    @cached_property
    def party(self) -> PartyFacts:
        return need(self.snapshot.institution.party, "/party")

    @cached_property
    def supervision(self) -> SupervisionFacts:
        return need(self.snapshot.institution.funds.supervision, "/funds/supervision")

    @cached_property
    def basic_account(self) -> BasicAccountFacts:
        return need(self.snapshot.institution.funds.basic_account, "/funds/basic_account")

    @cached_property
    def contract(self) -> ContractFacts:
        return need(self.snapshot.institution.funds.contract, "/funds/contract")

    @cached_property
    def subject(self) -> bool:
        return "subject" in self.institution.categories

    @cached_property
    def nonsubject(self) -> bool:
        return "nonsubject" in self.institution.categories

    @cached_property
    def compulsory(self) -> bool:
        """Subject training for the compulsory stage of schooling (义务教育阶段)."""
        return self.subject and not COMPULSORY_STAGES.isdisjoint(self.institution.stages)

    @cached_property
    def online(self) -> bool:
        return "online" in self.institution.delivery_modes

    @cached_property
    def offline(self) -> bool:
        return "offline" in self.institution.delivery_modes

    @cached_property
    def sports(self) -> bool:
        return "sports" in self.institution.nonsubject_types

    @property
    def closing(self) -> Closing:
        """What the institution typed in order to close; lacking in every other case."""
        return need(self._closing, "/closing")

    # --- rows ---

    @cached_property
    def fee_items(self) -> tuple[Placed[FeeItemFacts], ...]:
        return _placed(live.fee_items(self.snapshot.institution))

    @cached_property
    def employed(self) -> tuple[Placed[StaffFacts], ...]:
        return _placed(live.employed(self.snapshot.staff))

    @cached_property
    def teaching_and_research(self) -> tuple[Placed[StaffFacts], ...]:
        return tuple(row for row in self.employed if row.value.staff_type in _INSTRUCTING)

    @cached_property
    def materials(self) -> tuple[Placed[MaterialFacts], ...]:
        return tuple(
            Placed((material.material_id,), f"/materials/{number}", material)
            for number, material in enumerate(self.snapshot.materials.materials)
        )

    @cached_property
    def materials_in_use(self) -> tuple[Placed[MaterialFacts], ...]:
        return _placed(live.in_use(self.snapshot.materials))

    @cached_property
    def sites(self) -> tuple[Placed[SiteFacts], ...]:
        """Places in use; a closed one is no longer judged."""
        return _placed(live.sites(self.snapshot.courses))

    @cached_property
    def systems(self) -> tuple[Placed[SystemFacts], ...]:
        return _placed(live.systems(self.snapshot.courses))

    @cached_property
    def courses(self) -> tuple[Placed[CourseFacts], ...]:
        return _placed(live.courses(self.snapshot.courses))

    @cached_property
    def classes(self) -> tuple[Placed[OpenClass], ...]:
        """Classes of open courses that are neither finished nor cancelled."""
        return tuple(
            Placed(
                (row.value.class_id,),
                row.pointer,
                OpenClass(row.value, course.value, row.pointer, course.pointer),
            )
            for course in live.courses(self.snapshot.courses)
            for row in live.classes(course)
        )

    # --- who teaches what ---

    @cached_property
    def _teachers(self) -> Mapping[str, Placed[StaffFacts]]:
        return {
            row.value.staff_id: row for row in self.employed if row.value.staff_type == "teaching"
        }

    def leads(self, an_open_class: OpenClass) -> list[Placed[StaffFacts]]:
        """The employed teaching staff of a class."""
        teachers = self._teachers
        return [
            teachers[staff_id]
            for staff_id in dict.fromkeys(an_open_class.facts.teacher_ids)
            if staff_id in teachers
        ]

    @cached_property
    def _categories_led(self) -> Mapping[str, set[str]]:
        led: dict[str, set[str]] = defaultdict(set)
        for row in self.classes:
            category = need(row.value.course.category, row.value.of_course("category"))
            for lead in self.leads(row.value):
                led[lead.value.staff_id].add(category)
        return led

    @cached_property
    def fee_item_ids(self) -> frozenset[str]:
        return frozenset(row.value.fee_item_id for row in self.fee_items)

    @cached_property
    def ids_in_use(self) -> frozenset[str]:
        return frozenset(row.value.material_id for row in self.materials_in_use)

    def teaches(self, person: StaffFacts, category: str) -> bool:
        """Whether he leads a class of the category; one who leads none stands for the whole."""
        return category in self._categories_led.get(person.staff_id, self.institution.categories)

    @cached_property
    def _categories_charged(self) -> Mapping[str, set[str]]:
        charged: dict[str, set[str]] = defaultdict(set)
        for row in self.courses:
            if row.value.fee_item_id is not None:
                category = need(row.value.category, f"{row.pointer}/category")
                charged[row.value.fee_item_id].add(category)
        return charged

    def charged_for(self, fee: FeeItemFacts, category: str) -> bool:
        """Whether a course of the category takes this fee; an unused fee stands for the whole."""
        return category in self._categories_charged.get(
            fee.fee_item_id, self.institution.categories
        )

    @cached_property
    def _classes_charged(self) -> Mapping[str, list[Placed[OpenClass]]]:
        charged: dict[str, list[Placed[OpenClass]]] = defaultdict(list)
        for row in self.classes:
            if row.value.course.fee_item_id is not None:
                charged[row.value.course.fee_item_id].append(row)
        return charged

    def classes_charged(self, fee_item_id: str) -> list[Placed[OpenClass]]:
        """The classes whose course takes this fee."""
        return self._classes_charged.get(fee_item_id, [])

    # --- time ---

    def is_rest(self, day: date) -> bool:
        """Weekend, statutory holiday or local school vacation."""
        known = self._rest_days.get(day)
        if known is None:
            known = self._rest_days[day] = self._find_rest(day)
        return known

    def _find_rest(self, day: date) -> bool:
        if day in self.region.holidays:
            return True
        if any(first <= day <= last for first, last in self.region.vacations):
            return True
        return self._calendar.is_rest_day(day) if self.covers(day) else is_weekend(day)

    def covers(self, day: date) -> bool:
        """Whether the calendar knows the day; beyond it a weekend is all that is known."""
        return self._calendar.covers(day)

    def sessions(self, an_open_class: OpenClass) -> tuple[Session, ...]:
        """The dated sessions of a class, expanded once. MissingData stands in the snapshot."""
        pointer = an_open_class.pointer
        known = self._sessions.get(pointer)
        if known is None:
            try:
                known = expand(an_open_class.facts)
            except MissingData as gap:
                class_id = an_open_class.facts.class_id
                known = MissingData(f"{pointer}/{gap.pointer}", (class_id,))
            self._sessions[pointer] = known
        if isinstance(known, MissingData):
            raise known
        return known

    @cached_property
    def classes_at(self) -> Mapping[str, list[OpenClass]]:
        """Offline classes by the site that holds them."""
        held: dict[str, list[OpenClass]] = defaultdict(list)
        for row in self.classes:
            course = row.value.course
            if course.delivery in ("offline", None) and course.host_id is not None:
                held[course.host_id].append(row.value)
        return held

    def peak(self, site_id: str) -> int:
        """The most pupils present at a site at one time."""
        return most_at_once(
            (session, need(taught.facts.enrolled, f"{taught.pointer}/enrolled"))
            for taught in self.classes_at.get(site_id, ())
            for session in self.sessions(taught)
        )

    def min_area(self, site_id: str) -> int:
        """The area due to each pupil of a site: the largest that anything taught there asks for."""
        areas = self.parameters.min_area_centi_m2
        kinds = {"default"}
        for taught in self.classes_at.get(site_id, ()):
            if taught.course.category == "nonsubject":
                item = taught.course.subject_code or ""
                kinds |= {item, item_type(item) or self._main_type}
        return max(areas[kind] for kind in kinds if kind in areas)

    @cached_property
    def _main_type(self) -> str:
        """What an item of no known type counts as."""
        types = self.institution.nonsubject_types
        only = types[0] if len(types) == 1 else ""
        return self.institution.primary_nonsubject_type or only

    @cached_property
    def clashes(self) -> Mapping[str, tuple[str, ...]]:
        """Teachers who are needed in two classes at once. A recorded lesson needs nobody."""
        booked: dict[str, list[Session]] = defaultdict(list)
        for row in self.classes:
            if row.value.course.delivery != "online_recorded":
                for staff_id in dict.fromkeys(row.value.facts.teacher_ids):
                    booked[staff_id].extend(self.sessions(row.value))
        return double_bookings(booked)


def _placed(rows: Iterable[Row[T]]) -> tuple[Placed[T], ...]:
    return tuple(
        Placed((row.object_id,) if row.object_id else (), row.pointer, row.value) for row in rows
    )


def delivery_family(delivery: str) -> str:
    """online_live and online_recorded are both online: a licence knows no more."""
    return "online" if delivery.startswith("online") else delivery


def holds(person: StaffFacts, types: Collection[str]) -> bool:
    """Whether he has a qualification of one of the types."""
    return any(qual.type in types for qual in person.quals)


def certificate_rank(person: StaffFacts) -> int:
    """The highest stage that his teacher certificates are good for, -1 without any."""
    return max(
        (
            CERT_RANK.get(qual.stage or "", -1)
            for qual in person.quals
            if qual.type == "teacher_cert"
        ),
        default=-1,
    )
