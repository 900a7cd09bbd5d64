"""The business: promises kept, applications on their way, reviews, proof."""

from __future__ import annotations

from otsp_local.monitoring.model import Dashboard, Panel, Query, Row

_PROMISES = Row(
    "Promises",
    [
        Panel(
            title="Budgets left this month",
            about="Share of each error budget of thirty days that is not spent. Below 0: broken.",
            unit="percentunit",
            queries=[
                Query("otsp:availability_budget_left:ratio_30d", "available, {{service}}"),
                Query("otsp:latency_budget_left:ratio_30d", "fast, {{service}}"),
                Query("otsp:filing_budget_left:ratio_30d", "gathered in time"),
                Query("otsp:freshness_budget_left:ratio_30d", "events leave, {{service}}"),
            ],
            width=12,
        ),
        Panel(
            title="Gathered late",
            about="Share of applications whose data were not there within 30 seconds.",
            unit="percentunit",
            queries=[
                Query("otsp:filing_bad:ratio_1h", "1 h"),
                Query("otsp:filing_bad:ratio_6h", "6 h"),
                Query("otsp:filing_bad:ratio_3d", "3 d"),
                Query(
                    "1 - sum(increase(otsp_submission_stage_seconds_bucket"
                    '{stage="gathering", le="30.0"}[1h]))'
                    ' / sum(increase(otsp_submission_stage_seconds_count{stage="gathering"}[1h]))',
                    "last hour, unguarded",
                ),
            ],
            limit=0.072,
        ),
        Panel(
            title="Alerts",
            about="How many fire, by severity.",
            unit="short",
            queries=[
                Query(
                    'count by (severity) (ALERTS{alertstate="firing"}) or vector(0)', "{{severity}}"
                )
            ],
            kind="stat",
            width=4,
        ),
    ],
)

_APPLICATIONS = Row(
    "Applications",
    [
        Panel(
            title="Applications by state",
            about="Those that are not over. locking, gathering and evaluating are the machine's.",
            unit="short",
            queries=[Query("max by (stage) (otsp_submissions_in_stage)", "{{stage}}")],
        ),
        Panel(
            title="Oldest application by state",
            about="The machine's states may hold nobody longer than a minute; reviews take days.",
            unit="s",
            queries=[
                Query("max by (stage) (otsp_submission_oldest_age_seconds)", "{{stage}}"),
            ],
            limit=600,
        ),
        Panel(
            title="Findings, most frequent rules",
            about="Of filed applications within a day.",
            unit="short",
            queries=[
                Query(
                    "topk(10, sum by (rule, severity)"
                    " (increase(otsp_precheck_findings_total[1d])))",
                    "{{rule}} {{severity}}",
                )
            ],
            kind="table",
        ),
    ],
)

_REVIEWS = Row(
    "Reviews",
    [
        Panel(
            title="Cases by light",
            about="What authorities owe: acceptance or decision, and how near its day is.",
            unit="short",
            queries=[
                Query(
                    "sum by (phase, light) (max by (phase, step, light) (otsp_review_clocks))",
                    "{{phase}} {{light}}",
                ),
            ],
        ),
        Panel(
            title="Longest overdue",
            about="Calendar days since the due day of the case that is overdue longest.",
            unit="d",
            queries=[Query("max(otsp_review_oldest_overdue_days)", "days")],
            kind="stat",
            width=4,
            limit=1,
        ),
        Panel(
            title="Open cases",
            about="By level of the authority and whether somebody holds them; none: with nobody.",
            unit="short",
            queries=[Query("max by (level, holder) (otsp_cases_open)", "{{level}} {{holder}}")],
        ),
        Panel(
            title="Calendar, days left",
            about="Until the entered working days end.",
            unit="d",
            queries=[Query("max(otsp_calendar_days_left)", "days")],
            kind="stat",
            width=4,
        ),
        Panel(
            title="Rectifications",
            about="Tasks by status.",
            unit="short",
            queries=[
                Query("sum by (status) (max by (kind, status) (otsp_rectifications))", "{{status}}")
            ],
        ),
        Panel(
            title="Requests for correction",
            about="Of persons to whom their institution owes an answer.",
            unit="short",
            queries=[
                Query("max by (service, state) (otsp_correction_requests)", "{{state}}"),
            ],
        ),
        Panel(
            title="Re-evaluation, institutions left",
            about="Not yet judged by newly published rules.",
            unit="short",
            queries=[Query("max(otsp_re_evaluation_remaining)", "left")],
        ),
    ],
)

_PUBLIC = Row(
    "Proof and the public",
    [
        Panel(
            title="Receipts issued",
            about="An hour, by kind; and those that the keys could not sign.",
            unit="short",
            queries=[
                Query("sum by (kind) (increase(otsp_receipts_issued_total[1h]))", "{{kind}}"),
                Query("sum(increase(otsp_receipts_not_signed_total[1h]))", "not signed"),
            ],
        ),
        Panel(
            title="Receipts shown to us",
            about="An hour, by verdict; unknown: signed with our key and never issued.",
            unit="short",
            queries=[
                Query(
                    "sum by (verdict) (increase(otsp_receipt_verifications_total[1h]))",
                    "{{verdict}}",
                ),
            ],
        ),
        Panel(
            title="Age of signing keys",
            about="Of keys whose JWK says when they were made (iat).",
            unit="s",
            queries=[
                Query("time() - max by (kind) (otsp_signing_key_made_timestamp)", "{{kind}}"),
            ],
            limit=400 * 86_400,
        ),
        Panel(
            title="Audit trail, oldest unsealed",
            about="Sealed every second.",
            unit="s",
            queries=[
                Query("max by (service) (otsp_audit_oldest_unsealed_age_seconds)", "{{service}}"),
                Query("max by (service) (otsp_audit_unsealed)", "{{service}}, entries"),
            ],
            limit=60,
        ),
        Panel(
            title="Transparency log",
            about="Age of the oldest decision outside it, and days since its last signed head.",
            unit="short",
            queries=[
                Query("max(otsp_transparency_oldest_unsealed_age_seconds)", "oldest, seconds"),
                Query("max(otsp_transparency_head_age_days)", "head, days"),
            ],
        ),
        Panel(
            title="Public register",
            about="Institutions on it, and entries of the lists.",
            unit="short",
            queries=[Query("max by (list) (otsp_list_entries)", "{{list}}")],
        ),
        Panel(
            title="Statistics, oldest change not told",
            about="How far the figures of institutions lag behind.",
            unit="s",
            queries=[
                Query("max by (service) (otsp_counters_oldest_age_seconds)", "{{service}}"),
            ],
            limit=300,
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-overview",
    title="OTSP: the business",
    about="Are promises kept, do applications move, do authorities decide in time?",
    rows=[_PROMISES, _APPLICATIONS, _REVIEWS, _PUBLIC],
)
