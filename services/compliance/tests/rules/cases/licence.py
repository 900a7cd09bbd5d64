"""LIC: each rule kept, broken and at its boundary. The article stands above its cases."""

KEPT = None
OTHER_COUNTY = "330108"

CASES = [
    # 民办教育促进法 §12、§18; 校外培训行政处罚暂行办法 §17: no training without a licence
    ("LIC-001", "A", {}, KEPT),
    ("LIC-001", "A", {"licence": None}, set()),
    ("LIC-001", "A", {"licence/licence_no": ""}, set()),
    ("LIC-001", "A", {"licence/valid_from": None}, set()),
    ("LIC-001", "A", {"licence/valid_to": None}, set()),
    ("LIC-001", "A", {"licence/scan_file_id": None}, set()),
    # 实施条例 §22: a licence is for a term; its first and last day count
    ("LIC-002", "A", {"licence/valid_to": "2024-10-15"}, KEPT),
    ("LIC-002", "A", {"licence/valid_to": "2024-10-14"}, set()),
    ("LIC-002", "A", {"licence/valid_from": "2024-10-15"}, KEPT),
    ("LIC-002", "A", {"licence/valid_from": "2024-10-16"}, set()),
    ("LIC-002", "A", {"licence/valid_to": None}, "unjudged"),
    ("LIC-002", "A", {"licence": None}, "unjudged"),
    # 行政许可法 §50: renewal is applied for thirty days before the end
    ("LIC-003", "A", {"licence/valid_to": "2024-11-14"}, KEPT),
    ("LIC-003", "A", {"licence/valid_to": "2024-11-13"}, set()),
    ("LIC-003", "A", {"licence/valid_to": "2024-10-15"}, set()),
    ("LIC-003", "A", {"licence/valid_to": "2024-10-14"}, KEPT),
    # the known forms of the number have 13 or 15 digits
    ("LIC-004", "A", {"licence/licence_no": "教民3301067000001号"}, KEPT),
    ("LIC-004", "A", {"licence/licence_no": "教民33010670000012号"}, set()),
    ("LIC-004", "A", {"licence/licence_no": "教民330106700000号"}, set()),
    ("LIC-004", "A", {"licence/licence_no": "教民3301067000001号 "}, set()),
    # GB 32100-2015: the code of the certificate, with its check character
    ("LIC-005", "A", {"institution/uscc": "91510107MAFAKE0358"}, set()),
    (
        "LIC-005",
        "A",
        {
            "institution/uscc": "91510107MAFAKE0358",
            "certificates/0/uscc": "91510107MAFAKE0358",
        },
        KEPT,
    ),
    (
        "LIC-005",
        "A",
        {
            "institution/uscc": "91510107MAFAKE0359",
            "certificates/0/uscc": "91510107MAFAKE0359",
        },
        set(),
    ),
    ("LIC-005", "A", {"certificates": []}, "unjudged"),
    ("LIC-005", "A", {"certificates/0/is_primary": False}, "unjudged"),
    # 实施条例 §20: one name everywhere
    ("LIC-006", "A", {}, KEPT),
    ("LIC-006", "A", {"institution/name": "杭州示例启明文化学校"}, set()),
    ("LIC-006", "A", {"licence/name_on_licence": "杭州示例启明学校"}, set()),
    ("LIC-006", "A", {"certificates/0/name_on_cert": "杭州示例启明学校"}, set()),
    ("LIC-006", "A", {"licence/name_on_licence": None}, "unjudged"),
    # “双减”: subject training of the compulsory stage is non-profit
    ("LIC-007", "A", {"institution/legal_nature": "forprofit"}, set()),
    ("LIC-007", "B", {"institution/legal_nature": "forprofit"}, set()),
    (
        "LIC-007",
        "A",
        {"institution/legal_nature": "forprofit", "institution/stages": ["senior"]},
        KEPT,
    ),
    ("LIC-007", "C", {}, KEPT),
    # 民办教育促进法 §19: non-profit and for-profit schools are registered differently
    ("LIC-008", "A", {}, KEPT),
    ("LIC-008", "A", {"certificates/0/uscc": "12330106MJFAKE011P"}, KEPT),
    ("LIC-008", "A", {"certificates/0/uscc": "91330106MJFAKE011P"}, set()),
    ("LIC-008", "C", {"institution/legal_nature": "nonprofit"}, set()),
    ("LIC-008", "C", {"certificates/0/uscc": "92510107MAFAKE0358"}, set()),
    # 实施条例 §63(九): within the licensed category, stage and subject
    ("LIC-009", "A", {}, KEPT),
    ("LIC-009", "A", {"licence/scope_categories": ["nonsubject"]}, {"K1", "K2"}),
    ("LIC-009", "A", {"courses/K1/stage": "senior"}, {"K1"}),
    ("LIC-009", "A", {"licence/scope_subject_codes": ["math"]}, {"K2"}),
    (
        "LIC-009",
        "A",
        {"licence/scope_subject_codes": ["math"], "courses/K2/status": "closed"},
        KEPT,
    ),
    ("LIC-009", "A", {"licence/scope_stages": None}, "unjudged"),
    # 示范文本 特别提示一: online and offline are licensed apart
    ("LIC-010", "B", {}, KEPT),
    ("LIC-010", "B", {"courses/K1/delivery": "online_recorded"}, KEPT),
    ("LIC-010", "B", {"licence/scope_delivery": ["offline"]}, {"K1"}),
    ("LIC-010", "A", {"licence/scope_delivery": ["online"]}, {"K1", "K2"}),
    ("LIC-010", "A", {"licence/scope_delivery": ["online", "offline"]}, KEPT),
    # “双减” of 2021-07-24: no new subject institutions
    ("LIC-011", "A", {"institution/first_approved_on": "2021-07-25"}, KEPT),
    (
        "LIC-011",
        "A",
        {
            "institution/first_approved_on": "2021-07-24",
            "institution/migrated_from": None,
            "rectifications": [],
        },
        KEPT,
    ),
    (
        "LIC-011",
        "A",
        {
            "institution/first_approved_on": "2021-07-25",
            "institution/migrated_from": None,
            "rectifications": [],
        },
        set(),
    ),
    # either explains it: it came from a legacy platform, or was given a task then
    ("LIC-011", "A", {"institution/first_approved_on": "2021-07-25", "rectifications": []}, KEPT),
    (
        "LIC-011",
        "A",
        {"institution/first_approved_on": "2021-07-25", "institution/migrated_from": None},
        KEPT,
    ),
    ("LIC-011", "C", {}, KEPT),
    # 备案改审批: online subject institutions are approved by the province
    ("LIC-012", "B", {}, KEPT),
    ("LIC-012", "B", {"licence/issuer_level": "county"}, set()),
    ("LIC-012", "B", {"licence/issuer_level": "city"}, set()),
    ("LIC-012", "A", {}, KEPT),
    # 民办教育促进法 §23、实施条例 §25
    ("LIC-013", "A", {"institution/legal_rep/position": "principal"}, KEPT),
    ("LIC-013", "A", {"institution/legal_rep/position": "other"}, set()),
    ("LIC-013", "A", {"institution/legal_rep": None}, "unjudged"),
    # 实施条例 §25: a citizen who lives here
    ("LIC-014", "A", {}, KEPT),
    ("LIC-014", "A", {"institution/legal_rep/nationality": "US"}, set()),
    ("LIC-014", "A", {"institution/legal_rep/resides_in_china": False}, set()),
    # GB 11643-1999, asked of citizens only
    ("LIC-015", "A", {"institution/legal_rep/id_valid": False}, set()),
    ("LIC-015", "A", {"institution/legal_rep/id_valid": None}, set()),
    (
        "LIC-015",
        "A",
        {"institution/legal_rep/id_valid": False, "institution/legal_rep/nationality": "US"},
        KEPT,
    ),
    ("LIC-015", "A", {"institution/legal_rep/nationality": None}, "unjudged"),
    # 实施条例 §23: a place in another county needs its own licence
    ("LIC-016", "A", {}, KEPT),
    ("LIC-016", "A", {"sites/S1/region_code": OTHER_COUNTY}, {"S1"}),
    (
        "LIC-016",
        "A",
        {"sites/S1/region_code": OTHER_COUNTY, "sites/S1/status": "closed"},
        KEPT,
    ),
    ("LIC-016", "B", {"sites/S1/region_code": OTHER_COUNTY}, KEPT),
    # 使用手册 §3: rectify first
    ("LIC-017", "A", {"rectifications/0/status": "submitted"}, KEPT),
    ("LIC-017", "A", {"rectifications/0/status": "waived"}, KEPT),
    ("LIC-017", "A", {"rectifications/0/status": "overdue"}, {"for_profit_to_nonprofit"}),
    ("LIC-017", "B", {"rectifications/0/status": "returned"}, {"filing_to_approval"}),
    # “双减”: neither listed nor foreign
    ("LIC-018", "A", {}, KEPT),
    ("LIC-018", "A", {"institution/foreign_controlled": True}, set()),
    ("LIC-018", "A", {"institution/listed_affiliate": True}, set()),
    ("LIC-018", "A", {"institution/listed_affiliate": None}, "unjudged"),
    ("LIC-018", "C", {"institution/foreign_controlled": True}, KEPT),
    # 温州、彬州: three members form a branch
    ("PTY-001", "A", {}, KEPT),
    ("PTY-001", "A", {"party/org_form": "none"}, set()),
    ("PTY-001", "A", {"party/org_form": "none", "party/member_count": 2}, KEPT),
    ("PTY-001", "A", {"party": None}, "unjudged"),
    # below three members and without a branch, an instructor
    ("PTY-002", "C", {}, KEPT),
    ("PTY-002", "C", {"party/instructor_assigned": False}, set()),
    ("PTY-002", "C", {"party/instructor_assigned": False, "party/member_count": 2}, set()),
    ("PTY-002", "C", {"party/instructor_assigned": False, "party/member_count": 3}, KEPT),
    ("PTY-002", "B", {"party/instructor_assigned": False}, KEPT),
]
