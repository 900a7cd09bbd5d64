"""One application: live while it is gathered, what was found, how it stands, taking it back."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.examination import RUNNING, progress_of, stages_of
from otsp_portal.findings import grouped, items_of, read_known
from otsp_portal.formatters import day_zh
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import state_text, state_tone, text
from otsp_portal.words import word

Json = Any
views = Blueprint("applications", __name__, url_prefix="/apply")

_PATH: Final = "/api/compliance/v1/applications"
_UNFILED: Final = frozenset({"precheck_failed", "gather_failed", "awaiting_acknowledgement"})
_OPEN: Final = frozenset({"submitted", "in_review", "supplementing"})
_CRUMB: Final = (("/home", "后台首页"), ("/apply", "合规申请"))
_NOTHING: Final = plain("withdrawal")


@views.get("/<uuid:application_id>")
@access.roles(*access.INSTITUTION)
def application(application_id: object) -> tuple[str, int] | BaseResponse:
    """While it is checked the live page; later how it stands and what comes next."""
    asked = api()
    told, clocks, receipts = asked.together(
        lambda: asked.get(f"{_PATH}/{application_id}"),
        lambda: asked.get(f"{_PATH}/{application_id}/clock"),
        lambda: asked.get(f"{_PATH}/{application_id}/receipts"),
    )
    state = told["state"]
    if state in _UNFILED:
        return redirect(f"/apply/{application_id}/result")
    stages = stages_of(told, state, has_lock=True)
    if state in RUNNING:
        return page("apply/live.html", nav="apply", help_chapter="apply", told=told, stages=stages,
                    crumb=_CRUMB)  # fmt: skip
    return page(
        "apply/application.html",
        nav="apply",
        help_chapter="apply",
        told=told,
        crumb=_CRUMB,
        tag=state_of(told),
        clock=clocks["clocks"][-1] if clocks["clocks"] else None,
        today=clock.today(),
        receipts=receipts["items"],
        next_steps=next_steps_of(told),
        can_withdraw=state in _OPEN and not any(step["decision"] for step in told["routed_steps"]),
    )


@views.get("/<uuid:application_id>/progress")
@access.roles(*access.INSTITUTION)
def progress(application_id: object) -> BaseResponse:
    told = api().get(f"{_PATH}/{application_id}")
    stages = stages_of(told, told["state"], has_lock=True)
    return jsonify(
        progress_of(
            stages, is_final=told["state"] not in RUNNING, next_path=f"/apply/{application_id}"
        )
    )


@views.get("/<uuid:application_id>/result")
@access.roles(*access.INSTITUTION)
def result(application_id: object) -> tuple[str, int] | BaseResponse:
    """Findings, each with the button that leads to its field."""
    told = api().get(f"{_PATH}/{application_id}")
    if told["state"] in RUNNING:
        return redirect(f"/apply/{application_id}")
    return _show_result(told, Entry(acknowledgement_layout(told)))


@views.post("/<uuid:application_id>/acknowledgements")
@access.roles(*access.INSTITUTION)
def acknowledge(application_id: object) -> tuple[str, int] | BaseResponse:
    """Warnings that were read; with the last of them the application is submitted."""
    asked = api()
    told = asked.get(f"{_PATH}/{application_id}")
    entry = Entry(acknowledgement_layout(told))
    entry.read(request)
    read = entry.body()["rule_ids"]
    if not read and not entry.is_reshown:
        entry.refuse_with("/rule_ids", text("val.required.tick"))
    if entry.is_refused or entry.is_reshown:
        return _show_result(told, entry)
    answer = entry.attempt(
        lambda: asked.post(
            f"{_PATH}/{application_id}/acknowledgements", {"rule_ids": read}, key=entry.key
        )
    )
    if answer is None:
        return _show_result(told, entry)
    return redirect(f"/apply/{application_id}")


@views.route("/<uuid:application_id>/withdrawal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def withdraw(application_id: object) -> tuple[str, int] | BaseResponse:
    """Asked once, on a page: the periods are gone with it."""
    if request.method == "POST":
        place = f"{_PATH}/{application_id}/withdrawal"
        press(lambda: api().post(place, key=request.form.get("_key")), said="ok.withdrawn")
        return redirect(f"/apply/{application_id}")
    return page(
        "confirm.html",
        nav="apply",
        title=text("cf.withdraw.title"),
        body=text("cf.withdraw.text"),
        button=text("cf.withdraw.button"),
        entry=Entry(_NOTHING),
        back=f"/apply/{application_id}",
        crumb=_CRUMB,
        is_danger=True,
    )


def acknowledgement_layout(told: Json) -> Layout:
    """The warnings that nobody has read yet."""
    messages = {each["rule_id"]: each["message_zh"] for each in _findings(told)}
    options = tuple((rule_id, messages.get(rule_id, rule_id)) for rule_id in told["to_acknowledge"])
    return plain(
        "acknowledgement",
        Field(name="rule_ids", label="已知悉的提醒", kind="choices", options=options,
              is_required=True),
    )  # fmt: skip


def state_of(told: Json) -> tuple[str, str]:
    """The words and the tone of its state, as the institution reads it."""
    state = told["state"]
    if told["kind"] == "deregistration" and state in ("in_review", "closing", "deregistered"):
        if state == "deregistered":
            return "已注销", "neutral"
        return state_text(f"dereg.{state}", "institution"), state_tone(f"dereg.{state}")
    steps = told["routed_steps"]
    step = next((each["step_no"] for each in steps if not each["decision"]), len(steps))
    key = f"app.{state}"
    return state_text(key, "institution", k=step, n=len(steps)), state_tone(key)


def next_steps_of(told: Json) -> list[str]:
    """接下来会怎样: who, until when, how you hear of it, what may still be changed."""
    steps = told["routed_steps"]
    step = next((each for each in steps if not each["decision"]), None)
    if step is None or told["state"] not in _OPEN:
        return []
    until = f"应在{day_zh(told['due_on'])}前" if told["due_on"] else ""
    acts = {
        "submitted": f"{step['authority']}{until}决定是否受理；超过5个工作日没有答复的，视为受理。",
        "in_review": f"{step['authority']}正在审核，{until}作出决定。{text('exp.nopass')}",
        "supplementing": f"您补正并提交以后，{step['authority']}继续审核；期限在此期间暂停。",
    }
    return [
        acts[told["state"]],
        "受理、补正和决定都会发到消息，并短信通知联系人。",
        text("lock.depart"),
    ]


def _show_result(told: Json, entry: Entry) -> tuple[str, int]:
    items = items_of(told["findings"], read_known(api(), told["institution_id"], told["findings"]))
    words, tone = state_of(told)
    return page(
        "apply/result.html",
        status=entry.status,
        nav="apply",
        help_chapter="apply",
        told=told,
        crumb=_CRUMB,
        entry=entry,
        state=(words, tone),
        stages=stages_of(told, told["state"], has_lock=True),
        items=items,
        groups=grouped(items),
        must=_count(items, ("must", "except")),
        kind=word(told["kind"], "compliance.KINDS_ZH"),
    )


def _count(items: Sequence[Any], groups: Sequence[str]) -> int:
    return len({each.rule_id for each in items if each.group in groups})


def _findings(told: Json) -> list[Json]:
    return [each for group in told["findings"].values() for each in group]
