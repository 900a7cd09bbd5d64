"""The neighbours of compliance, played by their events. Tests only."""

import copy

from otsp_chassis import clock
from otsp_chassis.canonical import pack
from otsp_chassis.ids import new_id
from otsp_contracts.auth import AuthorityChanged, DelegationChanged
from otsp_contracts.compliance import SnapshotRequested
from otsp_contracts.courses import CoursesSnapshotProvided
from otsp_contracts.institution import (
    InstitutionSnapshotProvided,
    ProfileChanged,
    RegistrationSubmitted,
)
from otsp_contracts.materials import ExternalReviewRequested, MaterialsSnapshotProvided
from otsp_contracts.staff import StaffSnapshotProvided
from otsp_testkit.documents import pdf

API = "/api/compliance/v1"
PROVIDED = {
    "institution": InstitutionSnapshotProvided,
    "staff": StaffSnapshotProvided,
    "materials": MaterialsSnapshotProvided,
    "courses": CoursesSnapshotProvided,
}


class World:
    """One institution (a sample's) in its region."""

    api = API

    def __init__(self, kit, sections):
        self.kit = kit
        self.sections = copy.deepcopy(sections)
        self.sample = "A"
        self.institution_id = new_id()

    @property
    def facts(self):
        return self.sections[self.sample]["institution"]["institution"]

    @property
    def region(self):
        return self.facts["region_code"]

    def of_sample(self, sample):
        self.sample = sample
        return self

    def institution(self):
        return self.kit.as_institution(self.institution_id)

    def authority(self, name, **changed):
        known = {
            "authority_id": new_id(),
            "version": 1,
            "name": name,
            "level": "county",
            "department": "education",
            "region_code": self.region,
            "active": True,
        }
        told = AuthorityChanged(**known | changed)
        self.kit.deliver(told)
        return told

    def reviewer(self, authority, role="reviewer"):
        return self.kit.as_authority(
            role,
            region=authority.region_code,
            level=authority.level,
            department=authority.department,
            authority_id=authority.authority_id,
        )

    def people(self, authority, *clients):
        """Auth tells who may review there now."""
        self.told = getattr(self, "told", authority.version) + 1
        ids = tuple(client.principal.account_id for client in clients)
        changed = authority.model_copy(
            update={"version": self.told, "reviewer_count": len(ids), "reviewer_ids": ids}
        )
        self.kit.deliver(changed)

    def leave(self, away, cover, *, until, begins=None, **changed):
        """Auth tells who stands in for whom (替班)."""
        known = {
            "delegation_id": new_id(),
            "version": 1,
            "authority_id": away.principal.authority.authority_id,
            "kind": "leave_cover",
            "from_account_id": away.principal.account_id,
            "to_account_id": cover.principal.account_id,
            "valid_from": begins or clock.now(),
            "valid_to": until,
        }
        told = DelegationChanged(**known | changed)
        self.kit.deliver(told)
        return told

    def profile(self, **changed):
        facts = self.facts
        known = {
            "institution_id": self.institution_id,
            "version": 1,
            "registration_status": "approved",
            "compliance_status": "not_applied",
            **{name: facts[name] for name in ("name", "region_code", "legal_nature")},
            **{name: tuple(facts[name]) for name in ("categories", "delivery_modes", "stages")},
            "nonsubject_types": tuple(facts["nonsubject_types"]),
        }
        self.kit.deliver(ProfileChanged(**known | changed))
        return self

    def registration(self, **changed):
        facts = self.facts
        known = {
            "institution_id": self.institution_id,
            "version": 2,
            "from_state": "draft",
            "to_state": "submitted",
            "submitted_on": clock.today(),
            **{name: facts[name] for name in ("name", "uscc", "region_code", "legal_nature")},
            **{name: tuple(facts[name]) for name in ("categories", "delivery_modes", "stages")},
            "nonsubject_types": tuple(facts["nonsubject_types"]),
        }
        told = RegistrationSubmitted(**known | changed)
        self.kit.deliver(told)
        return told

    def external_review(self, **changed):
        known = {
            "material_id": new_id(),
            "institution_id": self.institution_id,
            "version": 3,
            "from_state": "internal_passed",
            "to_state": "external_pending",
            "title": "初中数学同步讲义(示例)",
            "category": "subject",
            "form": "basic",
            "content_sha256": "aa11",
            "requested_on": clock.today(),
        }
        told = ExternalReviewRequested(**known | changed)
        self.kit.deliver(told)
        return told

    def configure(self, region_code=None, **parameters):
        """What the sample says of its region, set by the region's administrator."""
        region = {**self.sections[self.sample]["region"], **parameters}
        wanted = {
            "school_hours",
            "vacations",
            "price_cap_fen",
            "price_float_bp",
            "min_area_centi_m2",
        }
        wanted |= parameters.keys()
        admin = self.kit.as_authority("region_admin", region=region_code or self.region)
        answer = admin.put(
            f"{API}/region-parameters/{region_code or self.region}",
            {"effective_from": "2024-09-01", **{name: region[name] for name in wanted}},
        )
        assert answer.status == 200, answer.json
        return self

    def file(self, **changed):
        body = {"institution_id": str(self.institution_id), "kind": "initial"} | changed
        return self.institution().post(f"{API}/applications", body)

    def filed(self, **changed):
        answer = self.file(**changed)
        assert answer.status == 202, answer.json
        return answer.json["application_id"]

    def emptied(self):
        """The sample with nothing left that keeps it from closing."""
        file = self.sections[self.sample]
        file["institution"]["licence"]["status"] = "returned"
        file["institution"]["funds"]["supervision"]["balance_fen"] = 0
        file["staff"]["staff"] = []
        for course in file["courses"]["courses"]:
            course["status"] = "closed"
        return self

    def paper(self):
        """A file that the institution has uploaded."""
        place = f"{API}/institutions/{self.institution_id}/files"
        answer = self.institution().call(
            "POST", place, raw=pdf("1"), content_type="application/pdf", query={"name": "清算.pdf"}
        )
        assert answer.status == 201, answer.json
        return answer.json["file_id"]

    def closing(self, **changed):
        """What is typed of a closing that breaks no rule."""
        paper = self.paper()
        return {
            "reason": "voluntary",
            "stop_on": "2024-09-30",
            "unrefunded_fen": 0,
            "unpaid_wages_fen": 0,
            "settlement_report_file_id": paper,
            "notice_published_on": "2024-04-18",
            "deregistration_proof_file_id": paper,
            "archive_keeper": "示例保管人",
        } | changed

    def deregister(self, closing=None, **changed):
        body = {
            "institution_id": str(self.institution_id),
            "closing": closing or self.closing(),
        } | changed
        return self.institution().post(f"{API}/deregistrations", body)

    def teaches_sports(self):
        """Sample A besides, filed: education reviews first, then the sports department (R5)."""
        section = self.sections["A"]["institution"]
        section["institution"] |= {
            "categories": ["subject", "nonsubject"],
            "nonsubject_types": ["sports"],
            "primary_nonsubject_type": "sports",
        }
        section["licence"]["scope_categories"] = ["subject", "nonsubject"]
        rule = {
            "category": "nonsubject",
            "delivery": "offline",
            "mode": "sector_only",
            "effective_from": "2024-01-01",
        }
        admin = self.kit.as_authority("region_admin", region=self.region)
        path = f"{API}/routing-rules/{self.region}"
        assert admin.put(path, {"rules": [rule]}).status == 200
        sports = self.authority("杭州市西湖区体育局", department="sports")
        application_id = self.filed(acknowledged_warnings=["SIT-006"])
        self.provide()
        assert self.state(application_id) == "submitted", self.application(application_id)
        return application_id, sports

    def application(self, application_id):
        return self.institution().get(f"{API}/applications/{application_id}").json

    def requests(self):
        return [each.payload() for each in self.kit.published(SnapshotRequested)]

    def section(self, name, request=None, **changed):
        """The event with which an owner answers the newest request."""
        request = request or self.requests()[-1]
        document = copy.deepcopy(self.sections[self.sample][name])
        if name == "institution":
            document["institution"]["institution_id"] = str(self.institution_id)
        packed = pack(document)
        known = {
            "request_id": request.request_id,
            "institution_id": request.institution_id,
            "application_id": request.application_id,
            "purpose": request.purpose,
            "section": name,
            "version": 1,
            "sha256": packed.sha256,
            "encoding": packed.encoding,
            "data": packed.data,
        }
        return PROVIDED[name](**known | changed)

    def state(self, application_id):
        return self.application(application_id)["state"]

    def provide(self, *names, request=None):
        for name in names or PROVIDED:
            self.kit.deliver(self.section(name, request))
        assert self.kit.set_aside() == []
