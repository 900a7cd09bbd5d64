"""A check on its way, as a page shows it: the six stages, and what the script asks for."""

from typing import Any, Final

from otsp_portal.texts import text

Json = Any
Stage = tuple[str, str, str, str]
"""Its key, its title, what there is to say, and done, now, todo or bad."""

_SECTIONS: Final = (
    ("institution", "机构与资金"),
    ("staff", "人员"),
    ("materials", "材料"),
    ("courses", "课程"),
)
RUNNING: Final = frozenset({"locking", "gathering", "evaluating"})


def stages_of(told: Json, state: str, *, has_lock: bool) -> list[Stage]:
    """Of an application or a self-check (which locks nothing)."""
    received = {each["section"] for each in told["sections"] if each["state"] == "received"}
    has_failed = state == "gather_failed"
    stages: list[Stage] = []
    if has_lock:
        is_locked = state != "locking"
        note = "已锁定" if is_locked else text("prog.lock")
        stages.append(("lock", "锁定资料", note, "done" if is_locked else "now"))
    is_waiting = state == "locking"
    for key, title in _SECTIONS:
        if key in received:
            stages.append((key, title, "已汇集", "done"))
        elif has_failed:
            stages.append((key, title, "没有汇集到", "bad"))
        else:
            stages.append((key, title, "等待" if is_waiting else "正在汇集",
                           "todo" if is_waiting else "now"))  # fmt: skip
    return [*stages, _rules(told, state, has_all=len(received) == len(_SECTIONS))]


def progress_of(stages: list[Stage], *, is_final: bool, next_path: str) -> dict[str, Json]:
    """For progress.js."""
    done = sum(state in ("done", "bad") for *_, state in stages)
    return {
        "final": is_final,
        "next": next_path if is_final else None,
        "value": done * 100 // len(stages),
        "text": text("prog.leave"),
        "stages": [
            {"key": key, "state": state, "note": note, "say": f"{title}：{note}"}
            for key, title, note, state in stages
        ],
    }


def _rules(told: Json, state: str, *, has_all: bool) -> Stage:
    key, title = "rules", "规则检查"
    if state == "gather_failed":
        return key, title, "没有检查", "todo"
    if state in RUNNING:
        is_on = state == "evaluating" or has_all
        return key, title, "正在检查" if is_on else "等待", "now" if is_on else "todo"
    blocking = len(told["blocking"])
    if blocking:
        return key, title, f"{blocking}条不合规", "bad"
    return key, title, "全部通过", "done"
