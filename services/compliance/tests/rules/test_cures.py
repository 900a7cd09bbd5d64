"""Every place that a rule of any case finds fault with is one that the portal has a page for."""

import re

from otsp_portal.cures import cure_of

WITHOUT_FIELD = frozenset(
    {
        "/certificates",
        "/closing",
        "/funds/audit_reports",
        "/licence",
        "/party",
        "/sites",
        "/staff",
        "/systems",
        "/funds/supervision",
        "/funds/basic_account",
        "/funds/contract",
        "/funds/supervision/balance_fen",
        "/funds/supervision/cycle_total_fen",
        "/funds/supervision/deposit_balance_fen",
        "/funds/supervision/unspent_lessons_fen",
        "/funds/supervision/as_of",
        "/courses/*/classes/*/status",
        "/courses/*/status",
        "/materials/*/external_review",
        "/materials/*/external_review/required",
        "/materials/*/external_review/result",
        "/materials/*/internal_review",
        "/materials/*/internal_review/result",
        "/materials/*/internal_review/reviewer_ids",
        "/materials/*/purged_on",
        "/materials/*/status",
        "/materials/*/used_until",
        "/other_docs",
        "/rectifications/*/status",
        "/staff/*/blacklisted",
        "/staff/*/status",
    }
)
"""Places that no form asks for: the page as a whole is where they are cured."""


def _is_at_a_field(breach):
    named = list(breach.object_ids) or ["one"]
    known = {each: {"class_id": each, "course_id": "course"} for each in named}
    return bool(cure_of(breach.pointer, named, known).anchor)


def test_place_of_every_finding_leads_to_its_field(case, evaluation_of):
    strangers = {
        pointer
        for finding in evaluation_of(case).findings
        for breach in finding.breaches
        if not _is_at_a_field(breach)
        and (pointer := re.sub(r"/\d+(?=/|$)", "/*", breach.pointer)) not in WITHOUT_FIELD
    }

    assert strangers == set()
