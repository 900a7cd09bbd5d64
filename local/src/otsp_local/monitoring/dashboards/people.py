"""Logins, messages to people, files, and data that leave."""

from __future__ import annotations

from otsp_local.monitoring.model import Dashboard, Panel, Query, Row


def _hourly(metric: str, by: str) -> str:
    return f"sum by ({by}) (increase({metric}[1h]))"


_LOGINS = Row(
    "Coming in",
    [
        Panel(
            title="Logins",
            about="Attempts an hour, by outcome.",
            unit="short",
            queries=[Query(_hourly("otsp_logins_total", "outcome"), "{{outcome}}")],
        ),
        Panel(
            title="API keys",
            about="Checks an hour; refused: ended, or no key.",
            unit="short",
            queries=[Query(_hourly("otsp_api_key_checks_total", "outcome"), "{{outcome}}")],
        ),
        Panel(
            title="Accounts recovered",
            about="Decided requests, an hour; and migrated accounts that never came.",
            unit="short",
            queries=[
                Query(_hourly("otsp_recoveries_total", "outcome"), "{{outcome}}"),
                Query("max(otsp_legacy_hashes)", "legacy passwords kept"),
            ],
        ),
    ],
)

_TOLD = Row(
    "Told",
    [
        Panel(
            title="Texts",
            about="Handed to a provider, an hour.",
            unit="short",
            queries=[
                Query(_hourly("otsp_sms_total", "provider, outcome"), "{{provider}} {{outcome}}")
            ],
        ),
        Panel(
            title="Mails",
            about="Handed to the mail server, an hour.",
            unit="short",
            queries=[
                Query(_hourly("otsp_mail_total", "provider, outcome"), "{{provider}} {{outcome}}")
            ],
        ),
        Panel(
            title="Notifications sent on",
            about="Attempts an hour, by channel and outcome.",
            unit="short",
            queries=[
                Query(
                    _hourly("otsp_notification_deliveries_total", "channel, outcome"),
                    "{{channel}} {{outcome}}",
                )
            ],
        ),
        Panel(
            title="Notifications, oldest waiting",
            about="Age of the text or mail of a notification that waits longest.",
            unit="s",
            queries=[Query("max(otsp_notification_oldest_queued_seconds)", "oldest")],
            limit=900,
        ),
    ],
)

_DATA = Row(
    "Data in and out",
    [
        Panel(
            title="Exports",
            about="An hour, by service and outcome.",
            unit="short",
            queries=[
                Query(_hourly("otsp_exports_total", "service, outcome"), "{{service}} {{outcome}}")
            ],
        ),
        Panel(
            title="Looks in clear",
            about="Masked personal data shown in clear, an hour.",
            unit="short",
            queries=[Query(_hourly("otsp_reveals_total", "service"), "{{service}}")],
        ),
        Panel(
            title="Look-ups of the register",
            about="By the public, a second.",
            unit="reqps",
            queries=[
                Query(
                    "sum by (list, outcome) (rate(otsp_register_look_ups_total[$__rate_interval]))",
                    "{{list}} {{outcome}}",
                )
            ],
        ),
        Panel(
            title="Imports",
            about="Workbooks an hour, and rows by what became of them.",
            unit="short",
            queries=[
                Query(_hourly("otsp_imports_total", "service, outcome"), "{{service}} {{outcome}}"),
                Query(
                    _hourly("otsp_imported_rows_total", "service, outcome"),
                    "{{service}} rows {{outcome}}",
                ),
            ],
        ),
        Panel(
            title="Uploads refused",
            about="An hour, by the name of the refusal.",
            unit="short",
            queries=[Query(_hourly("otsp_uploads_refused_total", "reason"), "{{reason}}")],
        ),
        Panel(
            title="Previews, 95th percentile",
            about="Making one picture of a page, by outcome.",
            unit="s",
            queries=[
                Query(
                    "histogram_quantile(0.95, sum by (outcome, le)"
                    " (rate(otsp_preview_duration_seconds_bucket[$__rate_interval])))",
                    "{{outcome}}",
                ),
                Query(
                    'sum(increase(otsp_preview_duration_seconds_count{outcome="failed"}[1h]))',
                    "failed an hour",
                ),
            ],
        ),
        Panel(
            title="Let go of",
            about="Records past their time of keeping, and files that nothing named, a day.",
            unit="short",
            queries=[
                Query(
                    "sum by (service, term) (increase(otsp_retention_let_go_total[1d]))",
                    "{{service}} {{term}}",
                ),
                Query(
                    "sum by (service) (increase(otsp_unnamed_files_erased_total[1d]))",
                    "{{service}} files",
                ),
            ],
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-people",
    title="OTSP: people and their data",
    about="Who comes in, what people are sent, what data leave.",
    rows=[_LOGINS, _TOLD, _DATA],
)
