"""FND, SIT, NET: each rule kept, broken and at its boundary. The article stands above its cases."""

KEPT = None

FEE = "funds/fee_items/F1"
CLASS = "courses/K1/classes/K1-1"
EARLY = {f"{FEE}/advance_days": 32, f"{FEE}/remaining_lessons": 21}
DEPOSIT = {"funds/supervision/mode": "both", "funds/supervision/deposit_balance_fen": 4_224_000}
MIXED = {"institution/categories": ["subject", "nonsubject"]}
SPORTS = {"courses/K1/subject_code": "ball"}

CASES = [
    # 教监管函〔2021〕2号: prepaid fees are supervised
    ("FND-001", "A", {}, KEPT),
    ("FND-001", "A", {"funds/supervision/mode": "risk_deposit"}, KEPT),
    ("FND-001", "A", {"funds/supervision/mode": "exempt_post_pay"}, set()),
    ("FND-001", "A", {"funds/supervision/mode": None}, set()),
    ("FND-001", "A", {"funds/supervision/agreement_filed_on": None}, set()),
    ("FND-001", "A", {"funds/supervision": None}, "unjudged"),
    # 教监管函〔2021〕2号: an account of one's own, apart from the ordinary one
    ("FND-002", "A", {}, KEPT),
    ("FND-002", "A", {"funds/supervision/account_name": "别家学校"}, set()),
    ("FND-002", "A", {"funds/basic_account/account_no": "33010000099990001"}, set()),
    ("FND-002", "A", {"funds/basic_account": None}, "unjudged"),
    # 教监管函〔2021〕2号: three months (92 days) or 60 lessons
    ("FND-003", "A", {f"{FEE}/period_days": 92, f"{FEE}/lesson_count": 60}, KEPT),
    ("FND-003", "A", {f"{FEE}/period_days": 92, f"{FEE}/lesson_count": 61}, {"F1"}),
    ("FND-003", "A", {f"{FEE}/period_days": 93, f"{FEE}/lesson_count": 60}, {"F1"}),
    ("FND-003", "A", {f"{FEE}/period_days": 93}, {"F1"}),
    ("FND-003", "A", {f"{FEE}/lesson_count": 61}, {"F1"}),
    ("FND-003", "A", {f"{FEE}/lesson_count": None}, "unjudged"),
    # 非学科类意见: 5000 yuan at once
    ("FND-004", "C", {f"{FEE}/amount_fen": 500_000}, KEPT),
    ("FND-004", "C", {f"{FEE}/amount_fen": 500_001}, {"F1"}),
    ("FND-004", "A", {f"{FEE}/amount_fen": 500_001}, KEPT),
    ("FND-004", "A", {f"{FEE}/amount_fen": 500_001} | MIXED, KEPT),
    (
        "FND-004",
        "A",
        {f"{FEE}/amount_fen": 500_001, "courses/K1/category": "nonsubject"} | MIXED,
        {"F1"},
    ),
    ("FND-004", "C", {f"{FEE}/amount_fen": 500_001, "courses/K1/fee_item_id": None}, {"F1"}),
    # 江苏、成都、海南、宁夏: a month before, or with 20 lessons left
    ("FND-005", "A", EARLY | {f"{FEE}/advance_days": 31}, KEPT),
    ("FND-005", "A", EARLY, {"F1"}),
    ("FND-005", "A", EARLY | {f"{FEE}/remaining_lessons": 20}, KEPT),
    ("FND-005", "B", EARLY | {f"{FEE}/remaining_lessons": 0}, {"F1"}),
    ("FND-005", "A", EARLY | {f"{FEE}/charge_mode": "period"}, {"F1"}),
    # 教监管函〔2021〕2号: the deposit covers one cycle
    ("FND-006", "A", DEPOSIT, KEPT),
    ("FND-006", "A", DEPOSIT | {"funds/supervision/deposit_balance_fen": 4_223_999}, set()),
    ("FND-006", "A", {"funds/supervision/deposit_balance_fen": 0}, KEPT),
    ("FND-006", "A", DEPOSIT | {"region/deposit_ratio_bp": 10_001}, set()),
    ("FND-006", "A", DEPOSIT | {"funds/supervision/cycle_total_fen": None}, "unjudged"),
    # 收费监管: guide price 40 yuan a lesson for a class of 10 to 35, and a tenth more
    ("FND-007", "A", {f"{FEE}/amount_fen": 211_200}, KEPT),
    ("FND-007", "A", {f"{FEE}/amount_fen": 211_201}, {"F1"}),
    ("FND-007", "A", {f"{FEE}/amount_fen": 211_201, "courses/K1/category": "nonsubject"}, {"F1"}),
    ("FND-007", "A", {f"{FEE}/amount_fen": 211_201, "region/price_cap_fen": None}, KEPT),
    ("FND-007", "A", {f"{FEE}/amount_fen": 211_201, "region/price_cap_fen/offline": None}, KEPT),
    # A class below ten has a higher cap, one above 35 a lower one.
    ("FND-007", "A", {f"{FEE}/amount_fen": 211_201, f"{CLASS}/capacity": 9}, {"F1"}),
    (
        "FND-007",
        "A",
        {
            f"{FEE}/amount_fen": 316_800,
            f"{CLASS}/capacity": 9,
            "courses/K2/fee_item_id": None,
        },
        KEPT,
    ),
    (
        "FND-007",
        "A",
        {
            f"{FEE}/amount_fen": 316_801,
            f"{CLASS}/capacity": 9,
            "courses/K2/fee_item_id": None,
        },
        {"F1"},
    ),
    ("FND-007", "A", {f"{FEE}/amount_fen": 192_000, f"{CLASS}/capacity": 35}, KEPT),
    ("FND-007", "A", {f"{FEE}/amount_fen": 192_000, f"{CLASS}/capacity": 36}, {"F1"}),
    # Online the standard lesson has 30 minutes: 40 minutes at 20 yuan are 15 yuan.
    ("FND-007", "B", {f"{FEE}/amount_fen": 117_333}, KEPT),
    ("FND-007", "B", {f"{FEE}/amount_fen": 117_334}, {"F1"}),
    ("FND-007", "B", {f"{FEE}/lesson_count": None}, "unjudged"),
    # 示范文本 2021: for everybody, with a sample
    ("FND-008", "A", {}, KEPT),
    ("FND-008", "A", {"funds/contract/template_code": "GF-2020-2603"}, set()),
    ("FND-008", "A", {"funds/contract/used_for_all": False}, set()),
    ("FND-008", "A", {"funds/contract/sample_file_id": None}, set()),
    ("FND-008", "A", {"funds/contract": None}, "unjudged"),
    # 教监管函〔2021〕2号: no training loan
    ("FND-009", "A", {}, KEPT),
    ("FND-009", "A", {f"{FEE}/training_loan": True}, {"F1"}),
    # 民办教育促进法 §38: fees are public
    ("FND-010", "A", {}, KEPT),
    ("FND-010", "A", {f"{FEE}/publicized": False}, {"F1"}),
    # 实施条例 §44: the account of a non-profit school is on file
    ("FND-011", "A", {"funds/basic_account/filed_with_authority": False}, set()),
    ("FND-011", "A", {"funds/basic_account/filed_with_authority": True}, KEPT),
    ("FND-011", "C", {}, KEPT),
    # 民办教育促进法 §39: last year is audited by July
    ("FND-012", "A", {"funds/audit_reports/0/year": 2023}, KEPT),
    ("FND-012", "A", {"funds/audit_reports/0/year": 2022}, set()),
    ("FND-012", "A", {"funds/audit_reports/0/year": 2021}, set(), "2023-07-01"),
    ("FND-012", "A", {"funds/audit_reports/0/year": 2021}, KEPT, "2023-06-30"),
    ("FND-012", "A", {"funds/audit_reports": []}, set()),
    ("FND-012", "A", {"funds/audit_reports": [{"year": 2021}, {"year": 2023}]}, KEPT),
    # 辽宁、教监管函〔2021〕2号: a course takes a published fee
    ("FND-013", "A", {}, KEPT),
    ("FND-013", "A", {"courses/K2/fee_item_id": "F9"}, {"K2"}),
    ("FND-013", "A", {"courses/K2/fee_item_id": None}, {"K2"}),
    # 消防安全九项规定: 3 m² for each pupil present at once, sports 5 m²
    ("SIT-001", "C", {"sites/S1/teaching_area_centi_m2": 6000}, KEPT),
    ("SIT-001", "C", {"sites/S1/teaching_area_centi_m2": 5999}, {"S1"}),
    ("SIT-001", "C", {"sites/S1/teaching_area_centi_m2": 9999} | SPORTS, {"S1"}),
    ("SIT-001", "C", {"sites/S1/teaching_area_centi_m2": 10_000} | SPORTS, KEPT),
    ("SIT-001", "A", {"sites/S1/teaching_area_centi_m2": 6600}, KEPT),
    ("SIT-001", "A", {"sites/S1/teaching_area_centi_m2": 6599}, {"S1"}),
    ("SIT-001", "C", {f"{CLASS}/status": "finished"}, KEPT),
    ("SIT-001", "C", {f"{CLASS}/enrolled": 0}, KEPT),
    ("SIT-001", "C", {f"{CLASS}/enrolled": None}, "unjudged"),
    ("SIT-001", "C", {"sites/S1/teaching_area_centi_m2": None}, "unjudged"),
    # 消防安全九项规定: a safe place, and proof of it
    ("SIT-002", "A", {}, KEPT),
    ("SIT-002", "A", {"sites/S1/fire_proof_file_id": None}, {"S1"}),
    ("SIT-002", "B", {"sites/S1/fire_proof_file_id": None}, KEPT),
    # 辽宁、北京: not in dwellings and basements
    ("SIT-003", "A", {"sites/S1/premises_type": "office"}, KEPT),
    ("SIT-003", "A", {"sites/S1/premises_type": "basement"}, {"S1"}),
    # GB 50016: children on the third floor at most
    ("SIT-004", "C", {"sites/S1/floor": 3}, KEPT),
    ("SIT-004", "C", {"sites/S1/floor": 4}, {"S1"}),
    ("SIT-004", "A", {"sites/S1/floor": 4}, KEPT),
    # the lease outlasts the licence
    ("SIT-005", "A", {"sites/S1/lease_to": "2025-12-19"}, KEPT),
    ("SIT-005", "A", {"sites/S1/lease_to": "2025-12-18"}, {"S1"}),
    ("SIT-005", "A", {"sites/S1/lease_to": None}, KEPT),
    # 消防安全九项规定: a fire check a month
    ("SIT-006", "A", {"sites/S1/fire_check_on": "2024-09-14"}, KEPT),
    ("SIT-006", "A", {"sites/S1/fire_check_on": "2024-09-13"}, {"S1"}),
    ("SIT-006", "A", {"sites/S1/fire_check_on": None}, {"S1"}),
    # 备案改审批 1(2): fixed premises
    ("SIT-007", "B", {}, KEPT),
    ("SIT-007", "B", {"sites": []}, set()),
    ("SIT-007", "B", {"sites/S1/status": "closed"}, set()),
    # 广东、厦门: off unless the region sets it
    ("SIT-008", "A", {"region/min_building_area_centi_m2": 18_000}, KEPT),
    ("SIT-008", "A", {"region/min_building_area_centi_m2": 18_001}, {"S1"}),
    ("SIT-008", "A", {"sites/S1/building_area_centi_m2": None}, KEPT),
    (
        "SIT-008",
        "A",
        {"region/min_building_area_centi_m2": 18_000, "sites/S1/building_area_centi_m2": None},
        {"S1"},
    ),
    # 备案改审批 1(7): level three
    ("NET-001", "B", {"systems/Y1/mlps_level": 3}, KEPT),
    ("NET-001", "B", {"systems/Y1/mlps_level": 2}, {"Y1"}),
    ("NET-001", "B", {"systems/Y1/mlps_level": 3, "systems/Y1/mlps_no": ""}, {"Y1"}),
    ("NET-001", "B", {"systems/Y1/mlps_level": None}, {"Y1"}),
    ("NET-001", "B", {"institution/categories": ["nonsubject"]}, KEPT),
    # 备案改审批 1(5)
    ("NET-002", "B", {}, KEPT),
    ("NET-002", "B", {"systems/Y1/server_in_mainland": False}, {"Y1"}),
    # 互联网信息服务管理办法 §4、§8
    ("NET-003", "B", {"systems/Y1/icp_no": "京ICP证030173号"}, KEPT),
    ("NET-003", "B", {"systems/Y1/icp_no": "京ICP备12345号"}, {"Y1"}),
    ("NET-003", "B", {"systems/Y1/icp_no": None}, {"Y1"}),
    # 互联网信息服务管理办法 §7
    ("NET-004", "B", {}, KEPT),
    ("NET-004", "B", {"systems/Y1/vat_licence_no": None}, {"Y1"}),
    # 备案改审批: a year, and half a year of live pictures
    (
        "NET-005",
        "B",
        {"systems/Y1/content_retention_days": 365, "systems/Y1/live_video_retention_days": 180},
        KEPT,
    ),
    (
        "NET-005",
        "B",
        {"systems/Y1/content_retention_days": 364, "systems/Y1/live_video_retention_days": 180},
        {"Y1"},
    ),
    ("NET-005", "B", {"systems/Y1/live_video_retention_days": 179}, {"Y1"}),
    ("NET-005", "B", {"systems/Y1/live_video_retention_days": None}, "unjudged"),
    # 网络安全法 §21(三)
    ("NET-006", "B", {"systems/Y1/log_retention_days": 180}, KEPT),
    ("NET-006", "B", {"systems/Y1/log_retention_days": 179}, {"Y1"}),
    # 线上意见: care for eyes, a say for parents
    ("NET-007", "B", {}, KEPT),
    ("NET-007", "B", {"systems/Y1/eye_protection": False}, {"Y1"}),
    ("NET-007", "B", {"systems/Y1/parental_control": None}, {"Y1"}),
    ("NET-007", "B", {"systems/Y1/parental_control": False}, {"Y1"}),
    # 个人信息保护法 §55: above a million
    ("NET-008", "B", {"systems/Y1/stored_persons": 1_000_000, "systems/Y1/pia_done": False}, KEPT),
    (
        "NET-008",
        "B",
        {"systems/Y1/stored_persons": 1_000_001, "systems/Y1/pia_done": False},
        {"Y1"},
    ),
    ("NET-008", "B", {"systems/Y1/stored_persons": 1_000_001}, KEPT),
    # 个人信息保护法 §31
    ("NET-009", "B", {}, KEPT),
    ("NET-009", "B", {"systems/Y1/guardian_consent": False}, {"Y1"}),
    # 未成年人保护法 §74
    ("NET-010", "B", {}, KEPT),
    ("NET-010", "B", {"systems/Y1/ads_or_games": True}, {"Y1"}),
    ("NET-010", "B", {"systems/Y1/ads_or_games": None}, "unjudged"),
]
