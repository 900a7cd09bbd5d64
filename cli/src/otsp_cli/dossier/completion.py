"""Valid fictitious values for what a dossier leaves out and the domain requires (demo only).

Each function gives the defaults of one part as the APIs name them; what the dossier says, null
included, wins over them. Values are derived from the dossier, so that loading it again gives the
same file.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from otsp_contracts import regions
from otsp_contracts.snapshots.dossier import Dossier
from otsp_contracts.values import cnid_check_digit

Values = dict[str, Any]

ALWAYS_REQUIRED_DOCS = (
    "charter",
    "rules_staff",
    "rules_material",
    "rules_finance",
    "rules_safety",
    "fee_refund_policy",
    "commitment",
)
ONLINE_DOCS = ("service_agreement", "complaint_link_shot", "pi_rules")
OFFLINE_DOCS = ("lease", "fire_proof")
BOARD = [
    {"name": "沈示例", "role": "理事长", "edu_years": 12},
    {"name": "韩示例", "role": "理事", "edu_years": 8},
    {"name": "杨示例", "role": "理事", "edu_years": 2},
    {"name": "朱示例", "role": "理事", "edu_years": 0},
    {"name": "秦示例", "role": "理事", "edu_years": 0},
]
"""Five, a third of them with five years of work in education (民办教育促进法第二十一条)."""
INSTRUCTING = ("teaching", "research")
CERTIFICATE_OF_FORM = {
    "company": "business_licence",
    "public_institution": "public_inst_cert",
}

EMPLOYED: Values = {
    "status": "employed",
    "sex": "F",
    "nationality": "CN",
    "id_type": "cnid",
    "education": "bachelor",
    "staff_type": "teaching",
    "employment": "full_time",
    "hired_on": "2021-09-01",
    "contract_signed": True,
    "contract_from": "2021-09-01",
    "precheck_on": "2021-08-20",
    "precheck_clear": True,
    "annual_check_clear": True,
    "prohibited": False,
    "in_service_teacher": False,
    "in_service_declared_on": "2021-08-20",
    "inducted": True,
    "inducted_on": "2021-09-05",
    "publicized": True,
    "in_china": True,
    "quals": [],
}
TEACHING: Values = {
    "publicized_on": "2021-09-05",
    "teach_experience": [
        {"from": "2016-09-01", "to": "2021-08-31", "org": "示例学校", "post": "教师"}
    ],
    "teach_subjects": ["math"],
}


class Completion:
    """The defaults for one dossier as of one day; `is_on=False` gives none."""

    def __init__(self, dossier: Dossier, as_of: date, *, is_on: bool) -> None:
        self._dossier = dossier
        self._as_of = as_of
        self.is_on = is_on
        facts = dossier.institution
        self._region = facts.region_code or "330106"
        self._name = facts.name or f"示例培训学校{dossier.sample}"
        self._address = f"{regions.full_name(self._region)}示例路1号"
        self._head = (facts.legal_rep.name if facts.legal_rep else None) or "李示例"

    def complete(self, part: Values, defaults: Callable[[], Values]) -> Values:
        """The part as the dossier says it, over the defaults."""
        return defaults() | part if self.is_on else part

    @property
    def day_before(self) -> str:
        return (self._as_of - timedelta(days=1)).isoformat()

    def mobile(self, whose: str) -> str:
        """A number of nobody's, the same for the same person of the same dossier."""
        seed = f"{self._dossier.institution.uscc}/{self._dossier.sample}/{whose}"
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
        return f"199{number % 10**8:08d}"

    def identity(self, name: str) -> Values:
        """A citizen number of nobody's: the county in it (xx0199) is none."""
        first_17 = f"{self._region[:2]}019919700101{self.mobile(name)[-3:]}"
        return {"id_type": "cnid", "id_no": first_17 + cnid_check_digit(first_17)}

    def registration(self) -> Values:
        return {
            "name": self._name,
            "registered_address": self._address,
            "categories": ["subject"],
            "delivery_modes": ["offline"],
            "nonsubject_types": [],
            "stages": ["junior"],
            "legal_nature": "nonprofit",
            "region_code": self._region,
        }

    def legal_rep(self) -> Values:
        return {
            "name": self._head,
            "id_type": "cnid",
            "mobile": self.mobile("legal-representative"),
            "nationality": "CN",
            "resides_in_china": True,
            "position": "principal",
        }

    def id_scans(self) -> Values:
        return {"id_scan_file_ids": ["id-front", "id-back"]}

    def contact(self) -> Values:
        return {
            "name": self._head,
            "mobile": self.mobile("contact"),
            "email": "contact@example.test",
            "position": "校长",
        }

    def institution(self) -> Values:
        return {
            "has_licence": not self._has_no_licence(),
            "office_address": self._address,
            "legal_form": "private_non_enterprise",
            "founded_on": "2017-01-01",
            "first_approved_on": "2017-06-01",
            "start_fund_fen": 50_000_000,
            "sponsor_type": "person",
            "sponsors": self.sponsors(),
            "actual_controller": {"name": self._head} | self.identity(self._head),
            "board_members": BOARD,
            "supervisors": [{"name": "严示例"}],
            "foreign_controlled": False,
            "listed_affiliate": False,
            "principal_name": self._head,
            "website": "https://example.test",
            "consult_tel": "0571-88880000",
            "complaint_tel": "0571-88880001",
            "scale": 200,
        }

    def _has_no_licence(self) -> bool:
        """A dossier that leaves its licence out has one; null says that there is none."""
        is_said = "licence" in self._dossier.model_fields_set
        return is_said and self._dossier.licence is None

    def sponsors(self) -> list[Values]:
        """Of the type that the dossier says; they share alike."""
        person = {"name": self._head} | self.identity(self._head)
        organisation = {"name": "示例举办单位"}
        kinds = {"organisation": [organisation], "joint": [person, organisation]}
        found = kinds.get(self._dossier.institution.sponsor_type or "", [person])
        return [each | {"share_bp": 10_000 // len(found)} for each in found]

    def licence(self) -> Values:
        facts = self._dossier.institution
        return {
            "licence_no": f"教民1{self._region}70000001号",
            "name_on_licence": self._name,
            "address_on_licence": self._address,
            "principal_on_licence": self._head,
            "issuer_name": f"{regions.name_of(self._region)}教育局",
            "issuer_level": "county",
            "issuer_region_code": self._region,
            "scope_text": "面向中小学生的校外培训",
            "scope_categories": list(facts.categories or ()),
            "scope_delivery": list(facts.delivery_modes or ()),
            "scope_stages": list(facts.stages or ()),
            "scope_subject_codes": ["math"],
            "valid_from": "2021-12-20",
            "valid_to": (self._as_of + timedelta(days=400)).isoformat(),
            "issued_on": "2021-12-20",
            "status": "valid",
        }

    def certificate(self) -> Values:
        form = self._dossier.institution.legal_form or ""
        return {
            "cert_type": CERTIFICATE_OF_FORM.get(form, "pne_cert"),
            "cert_no": self._dossier.institution.uscc or "示例-0001",
            "uscc": self._dossier.institution.uscc,
            "name_on_cert": self._name,
            "registrar": f"{regions.name_of(self._region)}登记机关",
            "legal_rep_on_cert": self._head,
            "business_scope": "校外培训",
            "issued_on": "2017-06-01",
            "valid_from": "2017-06-01",
        }

    def party(self) -> Values:
        return {
            "member_count": 1,
            "probationary_count": 0,
            "org_form": "joint_branch",
            "org_name": "示例联合党支部",
            "secretary_name": "党示例",
            "secretary_in_board": True,
            "charter_has_party": True,
            "instructor_assigned": True,
        }

    def required_docs(self) -> Sequence[str]:
        """Document types that filing asks for."""
        modes = self._dossier.institution.delivery_modes or ("offline",)
        online = ONLINE_DOCS if "online" in modes else ()
        offline = OFFLINE_DOCS if "offline" in modes else ()
        return (*ALWAYS_REQUIRED_DOCS, *online, *offline)

    def supervision(self) -> Values:
        return {
            "mode": "bank_custody",
            "bank_name": "示例银行",
            "bank_branch": "示例支行",
            "account_name": self._name,
            "account_no": f"{self._region}0000990001",
            "agreement_no": "示例协议-1",
            "agreement_signed_on": "2021-12-01",
            "agreement_filed_on": "2021-12-28",
            "release_rule": "per_lesson",
        }

    def statement(self) -> Values:
        return {
            "deposit_balance_fen": 0,
            "cycle_total_fen": 0,
            "balance_fen": 100_000,
            "unspent_lessons_fen": 50_000,
            "as_of": self.day_before,
        }

    def basic_account(self) -> Values:
        return {
            "account_type": "basic",
            "bank_name": "示例银行",
            "bank_branch": "示例支行",
            "account_name": self._name,
            "account_no": f"{self._region}0000990002",
            "open_permit_no": "J0000000000001",
            "filed_with_authority": True,
        }

    def contract(self) -> Values:
        return {
            "template_code": "GF-2021-2604",
            "template_year": 2021,
            "used_for_all": True,
            "cooling_off_days": 5,
            "refund_days": 15,
        }

    def fee_item(self) -> Values:
        return {
            "name": "课时费",
            "charge_mode": "lesson",
            "lesson_count": 20,
            "period_days": 60,
            "amount_fen": 80_000,
            "advance_days": 10,
            "remaining_lessons": 0,
            "payment_plan": "once",
            "publicized": True,
            "publicized_on": "2024-09-01",
            "publicity_place": "办学点公示栏",
            "price_filing_no": "示例价备-1",
            "training_loan": False,
            "refund_policy": "课前5日内全额退费，开班后15日内按比例退费。",
        }

    def staff(self, reference: str, staff_type: str | None) -> Values:
        values = EMPLOYED | {
            "mobile": self.mobile(f"staff/{reference}"),
            "contract_no": f"示例合同-{reference}",
            "annual_check_on": self.day_before,
        }
        if (staff_type or "teaching") not in INSTRUCTING:
            return values
        stages = list(self._dossier.institution.stages or ("junior",))
        return values | TEACHING | {"teach_stages": stages}

    def foreigner(self) -> Values:
        return {
            "id_type": "passport",
            "foreign_bio": "示例学习、工作与教学经历。",
            "residence_permit_to": (self._as_of + timedelta(days=400)).isoformat(),
        }

    def material(self) -> Values:
        modes = self._dossier.institution.delivery_modes or ("offline",)
        return {
            "delivery": ["online_live" if mode == "online" else mode for mode in modes],
            "category": "subject",
            "stage": "junior",
            "kind": "handout",
            "form": "basic",
            "origin": "self",
            "edition": "第一版",
            "version_no": 1,
            "overseas": False,
            "negative_list_ok": True,
            "negative_list_signer": self._head,
            "copyright_note": "自编，版权归本机构所有。",
            "status": "in_use",
            "filed": True,
            "filed_on": "2024-09-01",
            "used_from": "2024-09-01",
        }

    def site(self) -> Values:
        return {
            "name": "示例办学点",
            "region_code": self._region,
            "address": self._address,
            "building_area_centi_m2": 30_000,
            "teaching_area_centi_m2": 20_000,
            "floor": 2,
            "total_floors": 5,
            "premises_type": "commercial",
            "tenure": "lease",
            "lease_from": "2021-01-01",
            "lease_to": (self._as_of + timedelta(days=800)).isoformat(),
            "fire_cert_no": "示例消防-1",
            "fire_responsible": self._head,
            "fire_check_on": self.day_before,
            "video_surveillance": True,
            "contact_name": self._head,
            "contact_tel": "0571-88880002",
            "on_licence": True,
            "status": "open",
        }

    def system(self) -> Values:
        return {
            "name": "示例直播课堂",
            "kind": "web",
            "url": "https://example.test",
            "icp_no": "京ICP备2021000001号-1",
            "vat_licence_no": "京B2-20210001",
            "mlps_level": 3,
            "mlps_no": "11010800001-21001",
            "mlps_tested_on": "2024-01-10",
            "server_location": "境内机房",
            "server_in_mainland": True,
            "content_retention_days": 400,
            "live_video_retention_days": 200,
            "log_retention_days": 200,
            "eye_protection": True,
            "parental_control": True,
            "stored_persons": 1_000,
            "pia_done": True,
            "guardian_consent": True,
            "ads_or_games": False,
            "complaint_url": "https://example.test/complaint",
            "security_officer": self._head,
        }

    def course(self) -> Values:
        return {
            "grades": ["示例年级"],
            "syllabus": "示例培训内容。",
            "objective": "示例培训目标。",
            "content": "示例课程内容。",
            "total_lessons": 20,
            "lesson_minutes": 30,
            "homework": False,
            "overseas_curriculum": False,
            "status": "active",
        }

    def class_of_pupils(self, reference: str) -> Values:
        return {"name": f"示例班{reference}", "status": "in_session", "room_no": "101"}
