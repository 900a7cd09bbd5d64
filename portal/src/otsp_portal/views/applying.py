"""合规申请 (manual 3): the sections and their states, the answers to check, then it is filed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.cures import path_of
from otsp_portal.findings import Group, grouped, items_of
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, plain
from otsp_portal.gateway_client import Answer, Api
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.views.home import OWNERS, completeness, cured, whole_of
from otsp_portal.words import word, words

Json = Any
views = Blueprint("applying", __name__)

_LOCKING: Final = "/api/compliance/v1/applications"
_FACTS: Final = (
    ("institution", "institution", "/institution/basic"),
    ("licence", "institution", "/institution/licence"),
)


@views.get("/apply")
@access.roles(*access.INSTITUTION)
def tasks() -> tuple[str, int] | BaseResponse:
    """Every section with its state; the button at the end, or what stands in its way."""
    asked, institution_id = api(), the_person().institution_id
    told, *complete = asked.together(
        lambda: asked.find("/api/compliance/v1/home"),
        *[completeness(asked, owner, institution_id) for owner in OWNERS],
    )
    if told is None:
        return redirect("/register/progress")
    sections = [each for answer in complete if answer for each in answer["sections"]]
    return page(
        "apply/tasks.html",
        nav="apply",
        help_chapter="apply",
        told=told,
        kinds=[each for each in told["apply"]["kinds"] if each["enabled"]],
        tasks=tasks_of(sections, told["last_check"]),
        complete=whole_of(sections),
        why_not=[cured(each, told) for each in told["apply"]["reasons"]],
        check=told["last_check"],
    )


@views.route("/apply/check", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def check() -> tuple[str, int] | BaseResponse:
    """What is filed, the warnings to be read, exceptions with their reasons."""
    asked, institution_id = api(), the_person().institution_id
    told, basic, licence, checks = asked.together(
        lambda: asked.get("/api/compliance/v1/home"),
        lambda: asked.get(f"/api/institution/v1/institutions/{institution_id}"),
        lambda: asked.find(f"/api/institution/v1/institutions/{institution_id}/licence"),
        lambda: asked.get("/api/compliance/v1/self-checks", institution_id=institution_id),
    )
    last = _last_judged(asked, checks["items"])
    groups = grouped(items_of(last["findings"])) if last else []
    entry = Entry(filing_layout(told["apply"]["kinds"], groups))
    if request.method == "POST":
        entry.read(request)
        if not entry.is_reshown:
            answer = entry.attempt(lambda: _file(asked, entry, groups))
            if answer is not None:
                return redirect(f"/apply/{answer.body['application_id']}")
    else:
        likely = _likeliest(told["apply"]["kinds"], basic["compliance_status"])
        entry.typed = {"kind": request.args.get("kind", likely)}
    return page(
        "apply/check.html",
        status=entry.status,
        nav="apply",
        help_chapter="apply",
        entry=entry,
        told=told,
        last=last,
        groups={each.key: each for each in groups},
        facts=facts_of(basic, licence),
        why_not=[cured(each, told) for each in told["apply"]["reasons"]],
        refused_kinds=[each for each in told["apply"]["kinds"] if each["reason"]],
    )


def tasks_of(sections: Sequence[Json], check: Json | None) -> list[tuple[str, str, str, str, str]]:
    """Rows of the task list: what lacks weighs more than what the last self-check found."""
    found = {each["part"]: each for each in check["parts"]} if check else {}
    return [
        (each["label_zh"], path_of(each["section"]), *_state(each, found.get(each["section"])))
        for each in sections
    ]


def filing_layout(kinds: Sequence[Json], groups: Sequence[Group]) -> Layout:
    """What is asked when an application is filed; exceptions one field a rule."""
    offered = tuple(
        (each["kind"], word(each["kind"], "compliance.KINDS_ZH"))
        for each in kinds
        if each["enabled"]
    )
    by_key = {each.key: each for each in groups}
    warnings = tuple(
        (found.first.rule_id, found.first.message)
        for found in (by_key["warn"].found if "warn" in by_key else ())
    )
    return plain(
        "filing",
        Field(name="kind", label="申请类型", kind="choice", options=offered, is_required=True),
        Field(name="warnings", label="已知悉的提醒", kind="choices", options=warnings),
        *[
            Field(name=found.first.rule_id, label=f"{found.first.message}：例外理由",
                  kind="area_text", longest=1000)
            for found in (by_key["except"].found if "except" in by_key else ())
        ],
    )  # fmt: skip


def filing_body(typed: Mapping[str, Json], groups: Sequence[Group]) -> dict[str, Json]:
    """For the API, out of the answers of `filing_layout`."""
    excusable = [
        found.first.rule_id for each in groups if each.key == "except" for found in each.found
    ]
    return {
        "kind": typed["kind"],
        "acknowledged_warnings": typed["warnings"],
        "exceptions": [
            {"rule_id": rule_id, "reason": typed[rule_id]}
            for rule_id in excusable
            if typed[rule_id]
        ],
    }


def facts_of(basic: Json, licence: Json | None) -> list[tuple[str, str, list[tuple[str, ...]]]]:
    """What is looked at once more: a section, where it is changed, what stands in it."""
    held = licence or {}
    return [
        ("机构基本信息", "/institution/basic", [
            ("机构名称", basic["name"]),
            ("统一社会信用代码", basic["uscc"], "mono"),
            ("培训类别", words(basic["categories"], "compliance.CODES_ZH")),
            ("培训方式", words(basic["delivery_modes"], "compliance.CODES_ZH")),
            ("培训对象", words(basic["stages"], "compliance.CODES_ZH")),
            ("注册地址", basic["registered_address"]),
        ]),
        ("办学许可证", "/institution/licence", [
            ("许可证编号", held.get("licence_no") or "", "mono"),
            ("证载名称", held.get("name_on_licence") or ""),
            ("有效期", f"{held.get('valid_from') or '—'} 至 {held.get('valid_to') or '—'}"),
        ]),
    ]  # fmt: skip


def _state(section: Json, found: Json | None) -> tuple[str, str, str]:
    """Tone, word, and the sentence below the title."""
    lacking = section["required"] - section["filled"]
    blocking = found["blocking"] if found else 0
    reminders = found["findings"] - blocking if found else 0
    told = f"自查发现{blocking}项必须整改" if blocking else ""
    if reminders:
        told = f"{told}，{reminders}项提醒" if told else f"自查有{reminders}项提醒"
    if lacking:
        return "warn", f"缺{lacking}项", told
    if blocking:
        return "bad", f"{blocking}项待改", told
    return "ok", "已完整", told


def _last_judged(asked: Api, checks: Sequence[Json]) -> Json | None:
    judged = (
        each["self_check_id"]
        for each in checks
        if each["purpose"] == "compliance" and each["state"] in ("passed", "blocked")
    )
    last = next(judged, None)
    return asked.find(f"/api/compliance/v1/self-checks/{last}") if last else None


def _likeliest(kinds: Sequence[Json], status: str) -> str:
    """Which kind an institution in that state most often wants, if it may be filed."""
    wanted = {"not_applied": "initial", "expired": "renewal", "compliant": "renewal"}
    enabled = [each["kind"] for each in kinds if each["enabled"]]
    likely = wanted.get(status, "recheck")
    return likely if likely in enabled else next(iter(enabled), "")


def _file(asked: Api, entry: Entry, groups: Sequence[Group]) -> Answer:
    body = {"institution_id": the_person().institution_id, **filing_body(entry.body(), groups)}
    return asked.post(_LOCKING, body, key=entry.key)
