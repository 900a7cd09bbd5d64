"""STF: each rule kept, broken and at its boundary. The article stands above its cases."""

KEPT = None

CERTIFICATE = {"type": "teacher_cert", "stage": "junior", "subject": "math"}
FOREIGNER = {"staff/T1/nationality": "US", "staff/T1/in_china": True}
PERMIT = {"staff/T1/work_permit_held": True, "staff/T1/work_permit_to": "2024-10-15"}
SPORTS = {"institution/nonsubject_types": ["sports"]}

CASES = [
    # 从业人员管理办法: whoever teaches or researches a subject holds a teacher certificate
    ("STF-001", "A", {}, KEPT),
    ("STF-001", "A", {"staff/T1/quals": [{"type": "ntce_pass"}]}, {"T1"}),
    ("STF-001", "A", {"staff/R1/quals": []}, {"R1"}),
    ("STF-001", "A", {"staff/M1/quals": []}, KEPT),
    ("STF-001", "A", {"staff/T1/quals": [], "staff/T1/status": "departed"}, KEPT),
    ("STF-001", "A", {"staff/T1/quals": [], "staff/T1/nationality": "US"}, KEPT),
    ("STF-001", "A", {"staff/T1/nationality": None}, "unjudged"),
    (
        "STF-001",
        "A",
        {
            "staff/T1/quals": [],
            "courses/K1/category": "nonsubject",
            "institution/categories": ["subject", "nonsubject"],
        },
        KEPT,
    ),
    # 从业人员管理办法: whoever teaches anything else is qualified for it
    ("STF-002", "C", {"staff/T2/quals": [{"type": "professional_cert"}]}, KEPT),
    ("STF-002", "C", {}, {"T2"}),
    ("STF-002", "C", {"staff/T1/quals": []}, {"T1", "T2"}),
    ("STF-002", "C", {"staff/T2/staff_type": "assistant"}, KEPT),
    ("STF-002", "A", {"staff/T1/quals": []}, KEPT),
    # 从业人员管理办法 “原则上”: half of the staff teach or research full-time
    ("STF-003", "B", {}, KEPT),
    ("STF-003", "B", {"staff/T1/employment": "part_time"}, set()),
    ("STF-003", "A", {"staff/T1/employment": "part_time"}, KEPT),
    (
        "STF-003",
        "A",
        {"staff/T1/employment": "part_time", "staff/T2/employment": "dispatched"},
        set(),
    ),
    # 从业人员管理办法 “原则上”: 2 %, of small children 6 %, of the pupils of a class
    ("STF-004", "A", {"courses/K1/classes/K1-1/enrolled": 50}, KEPT),
    ("STF-004", "A", {"courses/K1/classes/K1-1/enrolled": 51}, {"K1-1"}),
    (
        "STF-004",
        "A",
        {"courses/K1/stage": "preschool", "courses/K1/classes/K1-1/enrolled": 16},
        KEPT,
    ),
    (
        "STF-004",
        "A",
        {"courses/K1/stage": "preschool", "courses/K1/classes/K1-1/enrolled": 17},
        {"K1-1"},
    ),
    ("STF-004", "A", {"staff/T1/employment": "part_time"}, {"K1-1"}),
    ("STF-004", "B", {"courses/K1/classes/K1-1/enrolled": 51}, KEPT),
    (
        "STF-004",
        "A",
        {"courses/K1/classes/K1-1/enrolled": 51, "courses/K1/classes/K1-1/status": "finished"},
        KEPT,
    ),
    # 从业人员管理办法: no teacher of a school
    ("STF-005", "A", {}, KEPT),
    ("STF-005", "A", {"staff/M1/in_service_teacher": True}, {"M1"}),
    ("STF-005", "A", {"staff/M1/in_service_teacher": None}, "unjudged"),
    # 教师法 §14
    ("STF-006", "A", {}, KEPT),
    ("STF-006", "A", {"staff/M1/prohibited": True}, {"M1"}),
    ("STF-006", "A", {"staff/M1/prohibited": True, "staff/M1/status": "departed"}, KEPT),
    # 从业人员管理办法: the national blacklist
    ("STF-007", "A", {"staff/T1/blacklisted": None}, KEPT),
    ("STF-007", "A", {"staff/T1/blacklisted": True}, {"T1"}),
    # 未成年人保护法 §62: asked before hiring, since 2021-06-01
    ("STF-008", "A", {"staff/T2/precheck_on": "2021-09-01"}, KEPT),
    ("STF-008", "A", {"staff/T2/precheck_on": "2021-09-02"}, {"T2"}),
    ("STF-008", "A", {"staff/M1/hired_on": "2021-05-31"}, KEPT),
    ("STF-008", "A", {"staff/M1/hired_on": "2021-06-01"}, {"M1"}),
    ("STF-008", "A", {"staff/T1/precheck_clear": False}, {"T1"}),
    ("STF-008", "A", {"staff/T1/precheck_on": None}, {"T1"}),
    ("STF-008", "A", {"staff/T1/hired_on": None}, "unjudged"),
    # 未成年人保护法 §62(2): and every year after the first
    ("STF-009", "A", {"staff/T1/annual_check_on": "2023-10-15"}, KEPT),
    ("STF-009", "A", {"staff/T1/annual_check_on": "2023-10-14"}, {"T1"}),
    ("STF-009", "A", {"staff/T1/annual_check_on": None}, {"T1"}),
    (
        "STF-009",
        "A",
        {"staff/T1/annual_check_on": None, "staff/T1/hired_on": "2023-10-16"},
        KEPT,
    ),
    (
        "STF-009",
        "A",
        {"staff/T1/annual_check_on": None, "staff/T1/hired_on": "2023-10-15"},
        {"T1"},
    ),
    # 从业人员管理办法 书面签约; 实施条例 §34
    ("STF-010", "A", {}, KEPT),
    ("STF-010", "A", {"staff/T1/contract_signed": False}, {"T1"}),
    ("STF-010", "A", {"staff/T1/contract_signed": None}, {"T1"}),
    # 实施条例 §16、§34: a foreigner here has a work permit, good today
    ("STF-011", "A", FOREIGNER | PERMIT, KEPT),
    ("STF-011", "A", FOREIGNER | PERMIT | {"staff/T1/work_permit_to": "2024-10-14"}, {"T1"}),
    ("STF-011", "A", FOREIGNER, {"T1"}),
    ("STF-011", "A", FOREIGNER | PERMIT | {"staff/T1/work_permit_to": None}, "unjudged"),
    ("STF-011", "A", FOREIGNER | {"staff/T1/in_china": False}, KEPT),
    ("STF-011", "A", FOREIGNER | {"staff/T1/in_china": None}, "unjudged"),
    # “双减” ¶14: no foreigner abroad
    ("STF-012", "B", {"staff/X1/in_china": True}, KEPT),
    ("STF-012", "B", {}, {"X1"}),
    ("STF-012", "B", {"staff/X1/nationality": "CN"}, KEPT),
    ("STF-012", "B", {"staff/X1/in_china": None}, {"X1"}),
    ("STF-012", "B", {"staff/X1/status": "departed"}, KEPT),
    # 从业人员管理办法 岗前培训
    ("STF-013", "A", {}, KEPT),
    ("STF-013", "A", {"staff/M1/inducted": False}, {"M1"}),
    # 从业人员管理办法 及时公示: those who teach or research
    ("STF-014", "A", {"staff/M1/publicized": False}, KEPT),
    ("STF-014", "A", {"staff/R1/publicized": False}, {"R1"}),
    # GB 11643-1999, and nobody twice
    ("STF-015", "A", {}, KEPT),
    ("STF-015", "A", {"staff/T1/id_valid": False}, {"T1"}),
    ("STF-015", "B", {"staff/X1/id_valid": False}, KEPT),
    ("STF-015", "A", {"staff/T1/id_hmac": "ab", "staff/M1/id_hmac": "ab"}, {"T1", "M1"}),
    ("STF-015", "A", {"staff/T1/id_hmac": None, "staff/M1/id_hmac": None}, KEPT),
    ("STF-015", "A", {"staff/T1/nationality": None}, "unjudged"),
    # 教师资格条例 §5: a certificate is good for its stage and those below
    ("STF-016", "A", {"staff/T1/quals/0/stage": "junior"}, KEPT),
    ("STF-016", "A", {"staff/T1/quals/0/stage": "primary"}, {"K1-1"}),
    ("STF-016", "A", {"staff/T1/quals": []}, {"K1-1"}),
    ("STF-016", "A", {"staff/T1/quals/0/stage": None}, {"K1-1"}),
    ("STF-016", "A", {"courses/K1/stage": "vocational"}, KEPT),
    ("STF-016", "A", {"courses/K2/stage": "vocational"}, {"K2-1"}),
    ("STF-016", "A", {"courses/K2/stage": "adult", "staff/T2/quals/0/stage": "primary"}, KEPT),
    ("STF-016", "A", {"courses/K2/stage": "unheard_of"}, "unjudged"),
    (
        "STF-016",
        "A",
        {"staff/T1/quals/0/stage": "primary", "staff/T1/nationality": "US"},
        KEPT,
    ),
    (
        "STF-016",
        "A",
        {"staff/T1/quals": [CERTIFICATE | {"stage": "primary"}, CERTIFICATE | {"stage": "higher"}]},
        KEPT,
    ),
    (
        "STF-016",
        "A",
        {
            "courses/K1/classes/K1-1/teacher_ids": ["T2", "T1"],
            "staff/T2/nationality": "US",
            "staff/T1/quals/0/stage": "primary",
        },
        {"K1-1"},
    ),
    # “相应教师资格”: for the subject of the course
    ("STF-017", "A", {}, KEPT),
    ("STF-017", "A", {"staff/T1/quals/0/subject": "physics"}, {"K1-1"}),
    ("STF-017", "A", {"staff/T1/quals": []}, KEPT),
    (
        "STF-017",
        "A",
        {"staff/T1/quals": [CERTIFICATE | {"subject": "chinese"}, CERTIFICATE]},
        KEPT,
    ),
    # 课外体育培训行为规范 §12
    ("STF-018", "C", {}, KEPT),
    ("STF-018", "C", SPORTS, {"T1", "T2"}),
    ("STF-018", "C", SPORTS | {"staff/T1/quals/0/type": "coach_title"}, {"T2"}),
    (
        "STF-018",
        "C",
        SPORTS | {"staff/T1/quals/0/type": "coach_title", "staff/T2/staff_type": "research"},
        KEPT,
    ),
    # one person is full-time in one institution
    ("STF-019", "A", {"staff/T1/other_full_time": False}, KEPT),
    ("STF-019", "A", {"staff/T1/other_full_time": True}, {"T1"}),
    (
        "STF-019",
        "A",
        {"staff/T1/other_full_time": True, "staff/T1/employment": "part_time"},
        KEPT,
    ),
    # off unless the region sets a number
    ("STF-020", "A", {}, KEPT),
    ("STF-020", "A", {"region/min_ft_teaching": 3}, KEPT),
    ("STF-020", "A", {"region/min_ft_teaching": 4}, set()),
    (
        "STF-020",
        "A",
        {f"staff/{name}/employment": "part_time" for name in ("T1", "T2", "R1")},
        KEPT,
    ),
]
