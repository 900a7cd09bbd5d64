"""DER: each rule kept, broken and at its boundary. The article stands above its cases.

Sample A, emptied, closes: what differs in its snapshot, and in what it typed.
"""

from datetime import date

KEPT = None

EMPTIED = {
    "licence/status": "returned",
    "funds/supervision/balance_fen": 0,
    "courses/K1/status": "closed",
    "courses/K2/classes/K2-1/status": "finished",
    "staff": [],
}
SETTLED = {
    "reason": "voluntary",
    "unrefunded_fen": 0,
    "unpaid_wages_fen": 0,
    "settlement_report_file_id": "f-1",
    "notice_published_on": date(2024, 4, 18),
    "deregistration_proof_file_id": "f-2",
    "archive_keeper": "示例保管人",
}

CASES = [
    # 民办教育促进法 §57: classes are over
    ("DER-001", {}, {}, KEPT),
    ("DER-001", {"courses/K1/status": "active"}, {}, {"K1-1"}),
    ("DER-001", {"courses/K2/classes/K2-1/status": "in_session"}, {}, {"K2-1"}),
    ("DER-001", {"courses/K2/classes/K2-1/status": "cancelled"}, {}, KEPT),
    # 民办教育促进法 §59(一): pupils are repaid, to the last fen
    ("DER-002", {}, {}, KEPT),
    ("DER-002", {}, {"unrefunded_fen": 1}, set()),
    ("DER-002", {}, {"unrefunded_fen": None}, "unjudged"),
    # 民办教育促进法 §59(二): then wages
    ("DER-003", {}, {}, KEPT),
    ("DER-003", {}, {"unpaid_wages_fen": 1}, set()),
    ("DER-003", {}, {"unpaid_wages_fen": None}, "unjudged"),
    # 民办教育促进法 §58: accounts are settled
    ("DER-004", {}, {}, KEPT),
    ("DER-004", {}, {"settlement_report_file_id": None}, set()),
    # 民办教育促进法 §60, 实施条例 §50: the licence is handed back; a revoked one is void
    ("DER-005", {}, {}, KEPT),
    ("DER-005", {"licence/status": "valid"}, {}, set()),
    ("DER-005", {"licence/status": "revoked"}, {}, KEPT),
    ("DER-005", {"licence": None}, {}, KEPT),
    ("DER-005", {"licence/status": None}, {}, "unjudged"),
    # 实施条例 §50: who closes of his own will announces it 180 days before
    ("DER-006", {}, {}, KEPT),
    ("DER-006", {}, {"notice_published_on": date(2024, 4, 19)}, set()),
    ("DER-006", {}, {"notice_published_on": None}, set()),
    ("DER-006", {}, {"notice_published_on": None, "reason": "revoked"}, KEPT),
    ("DER-006", {}, {"reason": None}, "unjudged"),
    # 教监管函〔2021〕2号: the supervised account is empty
    ("DER-007", {}, {}, KEPT),
    ("DER-007", {"funds/supervision/balance_fen": 1}, {}, set()),
    ("DER-007", {"funds/supervision/balance_fen": None}, {}, "unjudged"),
    # 使用手册 1.3.3(7): the registrar has struck it off
    ("DER-008", {}, {}, KEPT),
    ("DER-008", {}, {"deregistration_proof_file_id": None}, set()),
    # nobody is employed any more
    ("DER-009", {}, {}, KEPT),
    ("DER-009", {"staff": [{"staff_id": "T9", "status": "employed"}]}, {}, {"T9"}),
    ("DER-009", {"staff": [{"staff_id": "T9", "status": "departed"}]}, {}, KEPT),
    # 培训材料管理办法: archives have a keeper
    ("DER-010", {}, {}, KEPT),
    ("DER-010", {}, {"archive_keeper": None}, set()),
    ("DER-010", {}, {"archive_keeper": ""}, set()),
]
