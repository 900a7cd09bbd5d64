"""Figures of what owners told of their counters; of the institutions in the register."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, literal

from otsp_compliance.model import (
    CoursesCountersRef,
    InstitutionCountersRef,
    InstitutionRef,
    MaterialsCountersRef,
    StaffCountersRef,
)
from otsp_compliance.queries.statistics.deposits import least_deposit
from otsp_compliance.queries.statistics.lines import REGISTERED, Columns, lines, one_if
from otsp_compliance.rules.statistics.span import Span

Ref = type[InstitutionCountersRef | StaffCountersRef | MaterialsCountersRef | CoursesCountersRef]

_WHOLE = 10_000


def _counters(ref: Ref, *names: str) -> dict[str, ColumnElement[Any]]:
    return {name: ref.counters[name].as_string() for name in names}


def _told_by(ref: Ref, columns: Columns) -> Select[Any]:
    """Of each institution in the register what an owner told; nothing told is nothing there."""
    query = lines(columns).select_from(InstitutionRef)
    return query.outerjoin(ref, ref.institution_id == InstitutionRef.institution_id).where(
        REGISTERED
    )


def funds(span: Span) -> Select[Any]:
    ref = InstitutionCountersRef
    modes = ("mode_bank_custody", "mode_risk_deposit", "mode_both", "mode_exempt_post_pay")
    money = ("balance_fen", "deposit_balance_fen")
    counted = _counters(ref, "filed", *modes, *money)
    number = {
        name: cast(value, BigInteger)
        for name, value in _counters(
            ref, "deposit_stated", "deposit_balance_fen", "cycle_total_fen"
        ).items()
    }
    too_low = and_(
        number["deposit_stated"] == 1,
        number["deposit_balance_fen"] * _WHOLE
        < number["cycle_total_fen"] * least_deposit(span.day),
    )
    columns = {"registered": literal(1), **counted, "deposit_too_low": one_if(too_low)}
    return _told_by(ref, columns)


def staff(_span: Span) -> Select[Any]:
    names = (
        "employed teaching research management assistant safety finance other untyped full_time"
        " instructors_full_time teachers_certified foreign checks_overdue blacklisted"
    )
    counted = _counters(StaffCountersRef, *names.split())
    employed = cast(counted["employed"], BigInteger)
    share = cast(counted["instructors_full_time"], BigInteger) * 100
    bands = {
        "instructors_below_30": share < 30 * employed,
        "instructors_30_to_50": and_(share >= 30 * employed, share < 50 * employed),
        "instructors_50_to_80": and_(share >= 50 * employed, share < 80 * employed),
        "instructors_above_80": share >= 80 * employed,
    }
    return _told_by(
        StaffCountersRef,
        counted | {name: one_if(and_(employed > 0, band)) for name, band in bands.items()},
    )


def materials(_span: Span) -> Select[Any]:
    names = (
        "draft internal_review internal_passed internal_failed external_pending external_failed"
        " in_use suspended archived purged external_backlog external_pass external_fail"
        " retention_due"
    )
    counted = _counters(MaterialsCountersRef, *names.split())
    decided = cast(counted["external_pass"], BigInteger) + cast(
        counted["external_fail"], BigInteger
    )
    return _told_by(MaterialsCountersRef, counted | {"external_decided": decided})


def classes(_span: Span) -> Select[Any]:
    names = (
        "courses_active classes_planned classes_enrolling classes_in_session classes_finished"
        " classes_cancelled capacity enrolled size_s size_m size_l ends_by_1800 ends_by_2030"
        " ends_by_2100 ends_later weekend_subject_sessions"
    )
    return _told_by(CoursesCountersRef, _counters(CoursesCountersRef, *names.split()))


def licences(_span: Span) -> Select[Any]:
    names = ("licences", "licences_expiring_30", "licences_expiring_90", "licences_expired")
    return _told_by(InstitutionCountersRef, _counters(InstitutionCountersRef, *names))


def sites(_span: Span) -> Select[Any]:
    names = (
        "sites teaching_area_centi_m2 area_below_3 area_3_to_5 area_5_to_10 area_above_10"
        " area_unknown fire_checks_overdue"
    )
    return _told_by(CoursesCountersRef, _counters(CoursesCountersRef, *names.split()))


def systems(_span: Span) -> Select[Any]:
    names = (
        "systems mlps_1 mlps_2 mlps_3 mlps_4 mlps_5 mlps_none content_kept_too_short"
        " video_kept_too_short logs_kept_too_short"
    )
    return _told_by(CoursesCountersRef, _counters(CoursesCountersRef, *names.split()))
