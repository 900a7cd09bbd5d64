"""TIM: each rule kept, broken and at its boundary. The article stands above its cases."""

KEPT = None

A1 = "courses/K1/classes/K1-1"
C1 = "courses/K1/classes/K1-1"
SLOTS = f"{A1}/slots"
NO_SCHOOL_HOURS = {"region/school_hours": {}}


def slot(weekday, start, lessons=2, minutes=45, pause=10):
    return {
        "weekday": weekday,
        "start": start,
        "lessons": lessons,
        "lesson_minutes": minutes,
        "break_minutes": pause,
    }


def extra(day, start, lessons=1, minutes=30, pause=None):
    return {
        "date": day,
        "start": start,
        "lessons": lessons,
        "lesson_minutes": minutes,
        "break_minutes": pause,
    }


MORNING, LONG_MORNING = slot(3, "09:00", 2, 60, 0), slot(3, "09:00", 2, 85, 10)
ON_A_MONDAY = {f"{C1}/start_on": "2024-09-02", f"{C1}/end_on": "2024-09-02"}
PRESCHOOL = {"institution/stages": ["preschool"], "courses/K1/stage": "preschool"}

CASES = [
    # 睡眠管理: offline training ends at 20:30
    ("TIM-001", "A", {SLOTS: [slot(2, "18:50")]}, KEPT),
    ("TIM-001", "A", {SLOTS: [slot(2, "18:51")]}, {"K1-1"}),
    ("TIM-001", "A", {f"{A1}/extra_sessions": [extra("2024-10-16", "20:01")]}, {"K1-1"}),
    ("TIM-001", "A", {f"{A1}/extra_sessions": [extra("2024-10-16", "20:00")]}, KEPT),
    ("TIM-001", "A", {SLOTS: [slot(2, "18:51")], f"{A1}/status": "cancelled"}, KEPT),
    ("TIM-001", "A", {SLOTS: [slot(2, "18:51")], "courses/K1/delivery": "online_live"}, KEPT),
    (
        "TIM-001",
        "A",
        {
            SLOTS: [slot(2, "19:00")],
            f"{A1}/end_on": "2024-10-08",
            f"{A1}/skip_dates": ["2024-10-08"],
        },
        KEPT,
    ),
    ("TIM-001", "A", {SLOTS: [slot(2, None)]}, "unjudged"),
    ("TIM-001", "A", {SLOTS: []}, "unjudged"),
    ("TIM-001", "A", {f"{A1}/end_on": None}, "unjudged"),
    ("TIM-001", "A", {f"{A1}/end_on": "9999-12-31"}, "unjudged"),
    ("TIM-001", "A", {"region/overrides": {"end_offline": "20:09"}}, {"K1-1", "K2-1"}),
    # 线上培训的实施意见: live online training ends at 21:00
    ("TIM-002", "B", {SLOTS: [slot(3, "19:35", 2, 40, 5)]}, KEPT),
    ("TIM-002", "B", {SLOTS: [slot(3, "19:36", 2, 40, 5)]}, {"K1-1"}),
    (
        "TIM-002",
        "B",
        {SLOTS: [slot(3, "19:36", 2, 40, 5)], "courses/K1/delivery": "online_recorded"},
        KEPT,
    ),
    # “双减” ¶14: a lesson online has 30 minutes
    ("TIM-003", "B", {f"{SLOTS}/0/lesson_minutes": 30}, KEPT),
    ("TIM-003", "B", {f"{SLOTS}/0/lesson_minutes": 31}, {"K1-1"}),
    (
        "TIM-003",
        "B",
        {f"{SLOTS}/0/lesson_minutes": 31, "courses/K1/delivery": "online_recorded"},
        {"K1-1"},
    ),
    ("TIM-003", "A", {}, KEPT),
    ("TIM-003", "A", {"institution/delivery_modes": ["online", "offline"]}, KEPT),
    # “双减” ¶14: ten minutes between lessons
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": 10}, KEPT),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": 9}, {"K1-1"}),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": 0, f"{SLOTS}/0/lessons": 1}, KEPT),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": None, f"{SLOTS}/0/lessons": 1}, KEPT),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": None}, "unjudged"),
    # “双减” ¶14: no subject training on rest days
    ("TIM-005", "A", {}, KEPT),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 6}, {"K1-1"}),
    ("TIM-005", "A", {f"{A1}/start_on": "2024-10-01"}, {"K1-1"}),  # National Day, a Tuesday
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 3, f"{A1}/end_on": "2024-12-31"}, KEPT),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 3, f"{A1}/end_on": "2025-01-01"}, {"K1-1"}),
    ("TIM-005", "A", {f"{A1}/end_on": "2025-01-20"}, KEPT),
    ("TIM-005", "A", {f"{A1}/end_on": "2025-01-21"}, {"K1-1"}),  # a Tuesday of the vacation
    (
        "TIM-005",
        "A",
        {f"{A1}/extra_sessions": [extra("2024-10-12", "18:00")]},  # a make-up school day
        KEPT,
    ),
    ("TIM-005", "A", {"region/holidays": ["2024-10-15"]}, {"K1-1", "K2-1"}),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 6, "courses/K1/category": "nonsubject"}, KEPT),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 6, "courses/K1/stage": "senior"}, {"K1-1"}),
    (
        "TIM-005",
        "A",
        {
            f"{SLOTS}/0/weekday": 6,
            "courses/K1/stage": "senior",
            "region/overrides": {"restday_stages": ["primary", "junior"]},
        },
        KEPT,
    ),
    # 非学科类意见、线上意见: not while school is on
    ("TIM-006", "A", {f"{SLOTS}/0/start": "17:10"}, KEPT),
    ("TIM-006", "A", {f"{SLOTS}/0/start": "17:09"}, {"K1-1"}),
    ("TIM-006", "A", {SLOTS: [slot(2, "06:10")]}, KEPT),
    ("TIM-006", "A", {SLOTS: [slot(2, "06:11")]}, {"K1-1"}),
    ("TIM-006", "A", {SLOTS: [slot(6, "09:00")]}, {"K1-1"}),  # 2024-10-12: school is on
    ("TIM-006", "A", {SLOTS: [slot(6, "09:00")], f"{A1}/skip_dates": ["2024-10-12"]}, KEPT),
    ("TIM-006", "A", {SLOTS: [slot(2, "09:00")]} | NO_SCHOOL_HOURS, KEPT),
    ("TIM-006", "A", {SLOTS: [slot(2, "09:00")], "courses/K1/stage": "adult"}, KEPT),
    # “双减”、未成年人保护法 §33: small children neither online nor subjects
    ("TIM-007", "C", {"courses/K1/stage": "preschool"}, KEPT),
    (
        "TIM-007",
        "C",
        {"courses/K1/stage": "preschool", "courses/K1/delivery": "online_live"},
        {"K1"},
    ),
    ("TIM-007", "A", {"courses/K1/stage": "preschool"}, {"K1"}),
    (
        "TIM-007",
        "A",
        {"courses/K1/stage": "preschool", "courses/K1/category": "nonsubject"},
        KEPT,
    ),
    ("TIM-007", "B", {}, KEPT),
    # 睡眠管理: no homework in the compulsory stage
    ("TIM-008", "A", {"courses/K1/homework": True}, {"K1"}),
    ("TIM-008", "A", {"courses/K1/homework": True, "courses/K1/stage": "senior"}, KEPT),
    ("TIM-008", "A", {"courses/K1/homework": None}, "unjudged"),
    # 学前教育法 §59, in force 2025-06-01: no half days for small children; half a day is 3 hours
    *(
        ("TIM-009", "C", PRESCHOOL | changes, expected, day)
        for changes, expected, day in (
            ({SLOTS: [slot(3, "09:00", 2, 85, 9)]}, KEPT, "2025-06-01"),
            ({SLOTS: [slot(3, "09:00", 2, 85, 10)]}, {"K1-1"}, "2025-06-01"),
            ({SLOTS: [slot(3, "09:00", 2, 85, 10)]}, KEPT, "2025-05-31"),
            ({SLOTS: [MORNING, slot(3, "14:00", 1, 60, 0)]}, {"K1-1"}, "2025-06-01"),
            ({SLOTS: [MORNING, slot(4, "14:00", 1, 60, 0)]}, KEPT, "2025-06-01"),
            ({SLOTS: [MORNING]} | ON_A_MONDAY, KEPT, "2025-06-01"),  # no session falls into it
            ({SLOTS: [LONG_MORNING], "courses/K1/stage": "primary"}, KEPT, "2025-06-01"),
            ({SLOTS: [LONG_MORNING], "institution/stages": ["primary"]}, KEPT, "2025-06-01"),
        )
    ),
]
