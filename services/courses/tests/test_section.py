"""The section says what was entered, no more and no less."""

import json
from pathlib import Path

import pytest
import yaml

from otsp_chassis.canonical import Packed, digest_of, unpack
from otsp_contracts.courses import CoursesSnapshotProvided
from otsp_contracts.snapshots import CoursesSection, parse_dossiers
from otsp_testkit.listening import statements_sent

DOSSIERS = parse_dossiers(
    yaml.safe_load((Path(__file__).parents[3] / "docs" / "samples.yaml").read_text("utf-8"))
)
OURS = {"site_id", "system_id", "course_id", "class_id", "classes"}


def section_of(desk):
    desk.request(purpose="self_check", application_id=None)
    envelope = desk.kit.published(CoursesSnapshotProvided)[-1]
    answer = CoursesSnapshotProvided.model_validate(envelope.data)
    return unpack(Packed(answer.sha256, answer.encoding, answer.data))


class Entering:
    """Enters a dossier's part as a clerk would, giving every name in it an id of the platform."""

    def __init__(self, desk):
        self.desk = desk
        self.ids = {}

    def id_of(self, name, place=None):
        if place is not None:
            self.ids[name] = place.rpartition("/")[2]
        return self.ids.setdefault(name, f"01920000-0000-7000-8000-{len(self.ids):012d}")

    def body(self, part):
        entered = part.model_dump(mode="json", exclude_unset=True, exclude=OURS)
        for name, value in entered.items():
            if name == "fire_proof_file_id":
                entered[name] = self.upload(value)
            elif name in {"host_id", "fee_item_id"}:
                entered[name] = self.id_of(value)
            elif name in {"material_ids", "teacher_ids"}:
                entered[name] = [self.id_of(each) for each in value]
        return {"name": None} | entered

    def upload(self, name):
        stored = self.desk.client.call(
            "POST",
            f"{self.desk.base}/files",
            raw=b"%PDF-1.4\n" + name.encode(),
            content_type="application/pdf",
            query={"name": f"{name}.pdf"},
        )
        self.ids[name] = stored.json["file_id"]
        return self.ids[name]

    def enter(self, dossier):
        """Returns the same as facts of a section."""
        sites = [
            self.row("sites", "site_id", site) | {"status": "open"} for site in dossier.sites or ()
        ]
        systems = [self.row("systems", "system_id", part) for part in dossier.systems or ()]
        courses = []
        for course in dossier.courses or ():
            facts = self.row("courses", "course_id", course, existing=True, status="active")
            path = f"courses/{facts['course_id']}/classes"
            facts["classes"] = [
                self.row(path, "class_id", each, existing=True, status="in_session")
                for each in course.classes or ()
            ]
            courses.append(facts)
        return {"sites": sites, "systems": systems, "courses": courses}

    def row(self, path, key, part, **state):
        body = self.body(part) | state
        place = self.desk.added(path, **body)
        body.pop("existing", None)
        return body | {key: self.id_of(getattr(part, key), place)}


@pytest.mark.parametrize("dossier", DOSSIERS, ids=lambda dossier: f"sample {dossier.sample}")
def test_section_of_a_sample_is_the_sample(desk, dossier):
    entered = Entering(desk).enter(dossier)

    section = section_of(desk)

    expected = CoursesSection.model_validate_json(json.dumps(entered)).model_dump(mode="json")
    assert {name: section[name] for name in entered} == {name: expected[name] for name in entered}


def test_empty_required_fields_are_told_by_place(desk):
    known = {"total_floors": 6, "fire_cert_no": "消-1", "contact_tel": "0571-88001234"}
    site_id = desk.added("sites", contact_name="沈示例", **known).rpartition("/")[2]
    closed = desk.added("courses", existing=True, status="closed")
    told = {"grades": ["八年级"], "objective": "掌握", "content": "函数", "lesson_minutes": 45}
    course_id = desk.added("courses", total_lessons=0, **told).rpartition("/")[2]

    section = section_of(desk)

    assert section["field_warnings"] == [
        {"code": "missing", "object_id": site_id, "pointer": "/fire_responsible"},
        {"code": "missing", "object_id": course_id, "pointer": "/syllabus"},
    ]
    assert closed.rpartition("/")[2] in {course["course_id"] for course in section["courses"]}


def test_section_holds_what_is_over_and_not_what_is_deleted(desk):
    course = desk.added("courses", existing=True, status="closed")
    for status in ("finished", "cancelled"):
        over = {"name": status, "existing": True, "status": status}
        assert desk.client.post(f"{course}/classes", over).status == 201
    for path in ("sites", "systems", "courses"):
        desk.client.delete(desk.added(path), if_match=1)

    section = section_of(desk)

    assert (section["sites"], section["systems"]) == ([], [])
    [told] = section["courses"]
    assert told["status"] == "closed"
    assert [each["status"] for each in told["classes"]] == ["finished", "cancelled"]


def test_section_of_nothing_is_empty(desk):
    section = section_of(desk)

    assert section == CoursesSection().model_dump(mode="json")
    assert len(digest_of(section)) == 64


@pytest.mark.parametrize("number", [1, 20])
def test_section_costs_the_same_selects_whatever_the_number(desk, number):
    for count in range(number):
        course = desk.added("courses", name=f"{count}")
        desk.client.post(f"{course}/classes", {"name": f"{count}"})

    with statements_sent() as sent:
        section_of(desk)

    reads = [sql for sql, _ in sent if "FROM" in sql and "institution_id = " in sql]
    assert len(reads) == 5


def test_two_thousand_classes_travel_compressed(desk, kit):
    from otsp_chassis.db import transaction
    from otsp_chassis.ids import new_id
    from otsp_courses.model import TrainingClass

    course_id = desk.added("courses").rpartition("/")[2]
    slot = {"weekday": 2, "start": "18:30", "lessons": 2, "lesson_minutes": 45}
    with kit.active(), transaction() as tx:
        tx.add_all(
            TrainingClass(
                class_id=new_id(),
                course_id=course_id,
                institution_id=desk.institution_id,
                status="in_session",
                teacher_ids=[new_id()],
                assistant_ids=[],
                slots=[slot],
                skip_dates=[],
                extra_sessions=[],
            )
            for _ in range(2000)
        )

    section = section_of(desk)

    envelope = kit.published(CoursesSnapshotProvided)[-1]
    assert envelope.data["encoding"] == "gzip"
    assert len(section["courses"][0]["classes"]) == 2000
