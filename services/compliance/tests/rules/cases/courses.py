"""CRS and MAT: each rule kept, broken and at its boundary. The article stands above its cases."""

KEPT = None

SPORTS = {"institution/nonsubject_types": ["sports"]}
PASSED = {"required": True, "result": "pass", "reviewed_on": "2024-09-01"}
PURGED = {"materials/B1/status": "purged", "materials/B1/used_until": "2021-09-01"}
SAME_TEACHER = {"courses/K2/classes/K2-1/teacher_ids": ["T1"]}

CASES = [
    # 教监管厅函〔2021〕3号: what the curriculum standard holds is a subject
    ("CRS-001", "C", {}, KEPT),
    ("CRS-001", "C", {"courses/K1/subject_code": "english"}, {"K1"}),
    ("CRS-001", "A", {}, KEPT),
    # “双减”: no subject without a subject licence, and the other way round
    ("CRS-002", "C", {"courses/K1/category": "subject"}, {"K1"}),
    ("CRS-002", "A", {"courses/K2/category": "nonsubject"}, {"K2"}),
    (
        "CRS-002",
        "A",
        {
            "courses/K2/category": "nonsubject",
            "institution/categories": ["subject", "nonsubject"],
        },
        KEPT,
    ),
    # “双减”: no overseas curriculum
    ("CRS-003", "A", {}, KEPT),
    ("CRS-003", "A", {"courses/K1/overseas_curriculum": True}, {"K1"}),
    ("CRS-003", "A", {"courses/K1/overseas_curriculum": None}, "unjudged"),
    # 分类鉴别指南: names that hint at a subject
    ("CRS-004", "C", {}, KEPT),
    ("CRS-004", "C", {"courses/K1/name": "少儿数学思维训练营"}, {"K1"}),
    ("CRS-004", "A", {"courses/K1/name": "中考数学"}, KEPT),
    # a class has an employed teacher
    ("CRS-005", "A", {}, KEPT),
    ("CRS-005", "A", {"courses/K1/classes/K1-1/teacher_ids": []}, {"K1-1"}),
    ("CRS-005", "A", {"courses/K1/classes/K1-1/teacher_ids": ["R1"]}, {"K1-1"}),
    ("CRS-005", "A", {"staff/T1/status": "departed"}, {"K1-1"}),
    ("CRS-005", "A", {"staff/T1/status": None}, KEPT),
    # 培训材料管理办法 凡用必审
    ("CRS-006", "A", {}, KEPT),
    ("CRS-006", "A", {"courses/K1/material_ids": []}, {"K1"}),
    ("CRS-006", "A", {"materials/B1/status": "archived"}, {"K1"}),
    ("CRS-006", "A", {"courses/K1/material_ids": ["B9", "B2"]}, KEPT),
    # 课外体育培训行为规范: 35 pupils
    ("CRS-007", "C", SPORTS | {"courses/K1/classes/K1-1/capacity": 35}, KEPT),
    ("CRS-007", "C", SPORTS | {"courses/K1/classes/K1-1/capacity": 36}, {"K1-1"}),
    ("CRS-007", "C", {"courses/K1/classes/K1-1/capacity": 36}, KEPT),
    # nobody teaches in two places; the next class may start as the first ends
    ("CRS-008", "A", {}, KEPT),
    ("CRS-008", "A", SAME_TEACHER, {"T1", "K1-1", "K2-1"}),
    (
        "CRS-008",
        "A",
        SAME_TEACHER
        | {
            "courses/K2/classes/K2-1/slots/0/start": "20:10",
            "courses/K2/classes/K2-1/slots/1/start": "20:10",
        },
        KEPT,
    ),
    (
        "CRS-008",
        "A",
        SAME_TEACHER
        | {
            "courses/K2/classes/K2-1/slots/0/start": "20:09",
            "courses/K2/classes/K2-1/slots/1/start": "20:10",
        },
        {"T1", "K1-1", "K2-1"},
    ),
    ("CRS-008", "A", SAME_TEACHER | {"courses/K2/delivery": "online_recorded"}, KEPT),
    ("CRS-008", "A", SAME_TEACHER | {"courses/K2/classes/K2-1/status": "finished"}, KEPT),
    # no more pupils than places
    ("CRS-009", "A", {}, KEPT),
    ("CRS-009", "A", {"courses/K1/classes/K1-1/enrolled": 13}, {"K1-1"}),
    ("CRS-009", "A", {"courses/K1/classes/K1-1/capacity": None}, "unjudged"),
    # 培训材料管理办法 凡编必审、凡用必审
    ("MAT-001", "A", {}, KEPT),
    ("MAT-001", "A", {"materials/B1/internal_review/result": "pending"}, {"B1"}),
    ("MAT-001", "A", {"materials/B1/internal_review": None}, {"B1"}),
    (
        "MAT-001",
        "A",
        {"materials/B1/internal_review": None, "materials/B1/status": "draft"},
        KEPT,
    ),
    # 培训材料管理办法 双审核: basic subject material, and what is sampled
    ("MAT-002", "B", {"materials/B1/external_review": PASSED}, KEPT),
    ("MAT-002", "B", {"materials/B1/external_review": None}, {"B1"}),
    ("MAT-002", "B", {"materials/B1/form": "library"}, {"B1"}),
    (
        "MAT-002",
        "B",
        {"materials/B1/form": "library", "materials/B1/external_review/required": False},
        KEPT,
    ),
    ("MAT-002", "B", {"materials/B1/form": None}, "unjudged"),
    ("MAT-002", "B", {"materials/B1/category": "nonsubject"}, KEPT),
    ("MAT-002", "C", {"materials/B1/category": "subject"}, KEPT),
    # 培训材料管理办法 编审分离
    ("MAT-003", "A", {}, KEPT),
    ("MAT-003", "A", {"materials/B1/internal_review/reviewer_ids": ["T1", "R1"]}, {"B1"}),
    ("MAT-003", "A", {"materials/B1/internal_review": None}, KEPT),
    # 培训材料管理办法: three years of teaching, and qualified
    ("MAT-004", "A", {"materials/B1/authors/0/years": 3}, KEPT),
    ("MAT-004", "A", {"materials/B1/authors/0/years": 2}, {"B1"}),
    ("MAT-004", "A", {"materials/B1/authors/0/qual": "professional_cert"}, {"B1"}),
    ("MAT-004", "C", {"materials/B1/authors/0/qual": None}, {"B1"}),
    ("MAT-004", "C", {"materials/B1/authors/0/qual": "art_title"}, KEPT),
    ("MAT-004", "C", {"materials/B1/authors/0/years": None}, "unjudged"),
    # 培训材料管理办法: the twelve items
    ("MAT-005", "A", {}, KEPT),
    ("MAT-005", "A", {"materials/B2/negative_list_ok": False}, {"B2"}),
    # 培训材料管理办法: kept three years after use
    ("MAT-006", "A", PURGED | {"materials/B1/purged_on": "2024-08-31"}, KEPT),
    ("MAT-006", "A", PURGED | {"materials/B1/purged_on": "2024-08-30"}, {"B1"}),
    ("MAT-006", "A", {"materials/B1/purged_on": "2024-08-31"}, "unjudged"),
    # 备案改审批: no textbook from abroad in the compulsory stage
    ("MAT-007", "A", {"materials/B1/overseas": True}, {"B1"}),
    ("MAT-007", "A", {"materials/B1/overseas": True, "institution/stages": ["senior"]}, KEPT),
    ("MAT-007", "C", {"materials/B1/overseas": True}, KEPT),
    # what is used is what was reviewed
    ("MAT-008", "A", {}, KEPT),
    ("MAT-008", "A", {"materials/B1/content_sha256": "aa12"}, {"B1"}),
    ("MAT-008", "A", {"materials/B1/reviewed_sha256": None}, {"B1"}),
    ("MAT-008", "A", {"materials/B1/content_sha256": None}, "unjudged"),
    # 培训材料管理办法 选用备案
    ("MAT-009", "A", {}, KEPT),
    ("MAT-009", "A", {"materials/B1/filed": False}, {"B1"}),
]
