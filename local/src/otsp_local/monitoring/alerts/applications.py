"""Applications and reviews: what hangs, what authorities owe, what the law's clocks stand on."""

from __future__ import annotations

from otsp_local.monitoring.model import Alert, Group, Place

_BOARD = "otsp-overview"
_CLOCKS = Place(_BOARD, "Cases by light")
_MACHINE = 'stage=~"locking|gathering|evaluating"'

GROUP = Group(
    "otsp-applications",
    [
        Alert(
            name="SubmissionStuck",
            severity="page",
            expr=f"max by (stage) (otsp_submission_oldest_age_seconds{{{_MACHINE}}}) > 600",
            wait="1m",
            summary="An application has been {{ $labels.stage }} for ten minutes",
            description=(
                "The system should have moved it within one; its institution cannot write "
                "meanwhile (423)."
            ),
            place=Place(_BOARD, "Oldest application by state"),
        ),
        Alert(
            name="ReviewDueSoon",
            severity="business",
            expr='max by (phase, step) (otsp_review_clocks{light="amber"}) > 0',
            wait="1h",
            summary="{{ $value }} cases are due within days ({{ $labels.phase }})",
            description="For the authorities: step {{ $labels.step }}, light amber.",
            place=_CLOCKS,
        ),
        Alert(
            name="ReviewOverdue",
            severity="business",
            expr="max(otsp_review_oldest_overdue_days) > 0",
            wait="1h",
            summary="A case is {{ $value }} days past its statutory day",
            description="The authority above reads it under scope=escalated.",
            place=Place(_BOARD, "Longest overdue"),
        ),
        Alert(
            name="AcceptanceByLawMissed",
            severity="ticket",
            expr='sum(max by (step) (otsp_review_clocks{phase="accept", light="red"})) > 0',
            wait="26h",
            summary="{{ $value }} applications should have been accepted by silence",
            description="accept_by_law accepts on the fifth working day at 18:00; it has not.",
            place=_CLOCKS,
        ),
        Alert(
            name="NoReviewerAssigned",
            severity="business",
            expr='max(otsp_cases_open{level="none", holder="nobody"}) > 0',
            wait="1h",
            summary="{{ $value }} cases lie with no authority",
            description="No working authority of their region is known to compliance.",
            place=Place(_BOARD, "Open cases"),
        ),
        Alert(
            name="CorrectionOverdue",
            severity="business",
            expr='max by (service) (otsp_correction_requests{state="overdue"}) > 0',
            wait="1h",
            summary="{{ $value }} persons wait past the day for an answer on their data",
            description="Their institutions owe it (个人信息保护法 §46); authorities read which.",
            place=Place(_BOARD, "Requests for correction"),
        ),
        Alert(
            name="CalendarRunsOut",
            severity="ticket",
            expr="max(otsp_calendar_days_left) < 60",
            wait="30m",
            summary="The working calendar ends in {{ $value }} days",
            description="Beyond its end weekends alone count, and due days are provisional.",
            place=Place(_BOARD, "Calendar, days left"),
        ),
        Alert(
            name="RegisterShrinks",
            severity="ticket",
            expr=(
                'max(otsp_list_entries{list="register"})'
                ' < 0.9 * max(otsp_list_entries{list="register"} offset 1h)'
                ' and max(otsp_list_entries{list="register"} offset 1h) > 20'
            ),
            wait="10m",
            summary="A tenth of the public register is gone within an hour",
            description="{{ $value }} institutions are left on it.",
            place=Place(_BOARD, "Public register"),
        ),
        Alert(
            name="ReEvaluationStalled",
            severity="ticket",
            expr=(
                "max(otsp_re_evaluation_remaining) > 0"
                " and max(otsp_re_evaluation_remaining)"
                " >= max(otsp_re_evaluation_remaining offset 1h)"
            ),
            wait="30m",
            summary="Re-evaluation against new rules does not get on",
            description="{{ $value }} institutions are left, as many as an hour ago.",
            place=Place(_BOARD, "Re-evaluation, institutions left"),
        ),
        Alert(
            name="StatisticsLag",
            severity="ticket",
            expr="max by (service) (otsp_counters_oldest_age_seconds) > 300",
            wait="10m",
            summary="Figures of {{ $labels.service }} lag behind",
            description="The oldest change not told is {{ $value | humanizeDuration }} old.",
            place=Place(_BOARD, "Statistics, oldest change not told"),
        ),
    ],
)
