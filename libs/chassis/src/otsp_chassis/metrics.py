"""Every metric of the platform is declared here and nowhere else (style rule 37).

Labels are bounded: service, operation, event type, stage, outcome. Never an id, a path or a person.
"""

from prometheus_client import Counter, Gauge, Histogram, Info

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.8, 1.5, 5.0)

HTTP_REQUESTS = Histogram(
    "otsp_http_request_duration_seconds",
    "Time from the first line of the view to the answer.",
    ("service", "operation", "method", "code"),
    buckets=_FAST,
)
HTTP_FAILURES = Counter(
    "otsp_http_failures_total",
    "Answers with a code of 500 and above; 0 from the start, so that the first one counts.",
    ("service",),
)
HTTP_IN_FLIGHT = Gauge("otsp_http_in_flight", "Requests being answered now.", ("service",))
RESPONSE_MISMATCHES = Counter(
    "otsp_response_schema_mismatches_total",
    "Answers that did not fit the published contract.",
    ("service", "operation"),
)
DB_CONNECTIONS_IN_USE = Gauge(
    "otsp_db_pool_in_use", "Connections checked out of the pool.", ("service",)
)
DB_POOL_SIZE = Gauge(
    "otsp_db_pool_size", "Connections that the pool may hand out at once.", ("service",)
)
OUTBOX_PENDING = Gauge("otsp_outbox_unpublished", "Events waiting for the bus.", ("service",))
OUTBOX_OLDEST = Gauge(
    "otsp_outbox_oldest_age_seconds", "Age of the oldest waiting event; 0 when none.", ("service",)
)
BUS_CONNECTED = Gauge(
    "otsp_bus_connected", "1 while a consumer has its queue at the broker, else 0.", ("queue",)
)
PUBLISHED = Counter("otsp_publish_total", "Events handed to the bus.", ("service", "outcome"))
EVENT_HANDLING = Histogram(
    "otsp_consume_duration_seconds",
    "Handling of one received event, commit included.",
    ("service", "event", "outcome"),
    buckets=_FAST,
)
INBOX_DUPLICATES = Counter(
    "otsp_inbox_duplicates_total", "Deliveries whose effect had already happened.", ("service",)
)
INBOX_WAITING = Gauge("otsp_inbox_failed", "Events waiting for another attempt.", ("service",))
INBOX_DEAD = Gauge("otsp_dead_letters", "Events given up until redriven.", ("service",))
BROKER_DEAD = Gauge("otsp_broker_dead_letters", "Messages in the broker's queue of dead letters.")
REDRIVEN = Counter(
    "otsp_redriven_total", "Dead events that were given another chance.", ("service", "event")
)
REPUBLISHED = Counter(
    "otsp_republished_total",
    "Events handled here that their owner told again.",
    ("service", "event"),
)
AUDIT_UNSEALED = Gauge(
    "otsp_audit_unsealed", "Entries that the sealer has not come to; 0 when none.", ("service",)
)
AUDIT_OLDEST_UNSEALED = Gauge(
    "otsp_audit_oldest_unsealed_age_seconds", "Age of the oldest of them.", ("service",)
)
JOB_LAST_SUCCESS = Gauge(
    "otsp_job_last_success_timestamp", "Unix time of the job's last success.", ("service", "job")
)
JOB_PERIOD = Gauge("otsp_job_period_seconds", "How often the job is to run.", ("service", "job"))
SUBMISSIONS_IN_STAGE = Gauge(
    "otsp_submissions_in_stage", "Applications per state.", ("service", "stage")
)
SUBMISSION_OLDEST = Gauge(
    "otsp_submission_oldest_age_seconds", "Age of the oldest application.", ("service", "stage")
)
SUBMISSION_STAGE = Histogram(
    "otsp_submission_stage_seconds",
    "Time an application spent in a stage.",
    ("service", "stage"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
)
CASES_OPEN = Gauge(
    "otsp_cases_open",
    "Open cases by the level of the authority (none: not routed yet); holder: somebody, nobody.",
    ("level", "holder"),
)
FINDINGS = Counter(
    "otsp_precheck_findings_total", "Findings of filed applications.", ("rule", "severity")
)
RE_EVALUATIONS_REMAINING = Gauge(
    "otsp_re_evaluation_remaining",
    "Institutions that published rule versions have not been checked against yet.",
)
RECEIPTS_ISSUED = Counter(
    "otsp_receipts_issued_total", "Signed receipts of filings and decisions.", ("kind",)
)
RECEIPTS_NOT_SIGNED = Counter(
    "otsp_receipts_not_signed_total",
    "Receipts and heads of the log that the keys could not sign or verify.",
)
RECEIPT_VERIFICATIONS = Counter(
    "otsp_receipt_verifications_total",
    "Receipts that somebody showed us, by verdict; unknown: our key, and we did not issue it.",
    ("verdict",),
)
SIGNING_KEY_MADE = Gauge(
    "otsp_signing_key_made_timestamp",
    "When the key that signs such documents was made (`iat` of its JWK), Unix time.",
    ("kind",),
)
LOOK_UPS = Counter(
    "otsp_register_look_ups_total",
    "Look-ups by the public; list is register or a list, outcome found or nothing.",
    ("list", "outcome"),
)
LISTED = Gauge(
    "otsp_list_entries", "Institutions on the register and entries in force by list.", ("list",)
)
LOG_OLDEST_UNSEALED = Gauge(
    "otsp_transparency_oldest_unsealed_age_seconds",
    "Age of the oldest final decision that is not in the transparency log.",
)
LOG_HEAD_AGE_DAYS = Gauge(
    "otsp_transparency_head_age_days", "Days since that of the last signed head; 1 is well."
)
RECTIFICATIONS = Gauge(
    "otsp_rectifications", "Rectification tasks that there are.", ("kind", "status")
)
EXPORTS = Counter(
    "otsp_exports_total", "Exports of lists that were written or given up.", ("service", "outcome")
)
REVEALS = Counter(
    "otsp_reveals_total", "Masked personal data that were shown in clear.", ("service",)
)
UPLOADS_REFUSED = Counter(
    "otsp_uploads_refused_total",
    "Files that were not taken, by the name of the refusal.",
    ("service", "reason"),
)
UNNAMED_FILES_ERASED = Counter(
    "otsp_unnamed_files_erased_total", "Files that nothing named 30 days on.", ("service",)
)
PREVIEWS = Histogram(
    "otsp_preview_duration_seconds",
    "Making one picture of a page; kept: it was there already.",
    ("service", "outcome"),
    buckets=(0.01, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 5, 10, 20),
)
IMPORTS = Counter(
    "otsp_imports_total",
    "Workbooks that were checked, refused, applied or given up.",
    ("service", "outcome"),
)
IMPORTED_ROWS = Counter(
    "otsp_imported_rows_total",
    "Rows of workbooks whose entry was applied, by what became of them.",
    ("service", "outcome"),
)
API_KEY_CHECKS = Counter(
    "otsp_api_key_checks_total",
    "Session checks of API keys; refused: ended or no key.",
    ("outcome",),
)
LOGINS = Counter("otsp_logins_total", "Attempts to log in.", ("outcome",))
RECOVERIES = Counter(
    "otsp_recoveries_total", "Decided requests for the recovery of an account.", ("outcome",)
)
LEGACY_HASHES = Gauge(
    "otsp_legacy_hashes", "Migrated accounts that wait for their first login by a legacy password."
)
SMS = Counter("otsp_sms_total", "Text messages handed to a provider.", ("provider", "outcome"))
MAIL = Counter("otsp_mail_total", "Mails handed to a provider.", ("provider", "outcome"))
NOTIFICATION_DELIVERIES = Counter(
    "otsp_notification_deliveries_total",
    "Attempts to send a notification on: sent, perhaps_sent, failed (tried again), given_up.",
    ("channel", "outcome"),
)
NOTIFICATION_OLDEST_QUEUED = Gauge(
    "otsp_notification_oldest_queued_seconds",
    "Age of the text or mail of a notification that waits longest.",
)
REVIEW_CLOCKS = Gauge(
    "otsp_review_clocks",
    "Open cases by what is owed (accept, decide), step (1 to 4, 4 and more) and light.",
    ("phase", "step", "light"),
)
REVIEW_OLDEST_OVERDUE = Gauge(
    "otsp_review_oldest_overdue_days",
    "Calendar days since the due day of the case that is overdue longest; 0 when none.",
)
CALENDAR_COVERS_UNTIL = Gauge(
    "otsp_calendar_covers_until_timestamp", "Last day of the working calendar, Unix time."
)
COUNTERS_OLDEST = Gauge(
    "otsp_counters_oldest_age_seconds",
    "Age of the oldest change that the statistics have not been told of; 0 when none.",
    ("service",),
)
LET_GO = Counter(
    "otsp_retention_let_go_total", "Records past their time of keeping.", ("service", "term")
)
CORRECTION_REQUESTS = Gauge(
    "otsp_correction_requests",
    "Requests of persons that their institution has not answered; state: waiting, overdue.",
    ("service", "state"),
)
BACKUP_LAST_SUCCESS = Gauge(
    "otsp_backup_last_success_timestamp",
    "Unix time of the last whole backup of all databases and files; 0 before the first.",
)
CALENDAR_DAYS_LEFT = Gauge(
    "otsp_calendar_days_left", "Days until the working calendar ends; rings below 60."
)
SPANS_DROPPED = Counter(
    "otsp_trace_spans_dropped_total",
    "Spans that no collector got; queue: too many waited, export: it did not take them.",
    ("reason",),
)
BUILD = Info("otsp_build", "Version of the running code.")
