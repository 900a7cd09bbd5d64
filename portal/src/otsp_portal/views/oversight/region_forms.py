"""What a region determines, as questions: its parameters and its routing rules.

The API's parameters are a document of several depths (docs/regions.md); the form asks for each
figure by itself. What is left blank is inherited.
"""

from collections.abc import Mapping
from typing import Any, Final

from otsp_portal.forms.fields import Field, Group, Layout
from otsp_portal.texts import text
from otsp_portal.words import word

Json = Any

_OVERRIDES: Final = {
    "end_offline": "time", "end_online": "time", "online_lesson_max": "whole",
    "online_break_min": "whole", "half_day_minutes": "whole", "max_period_days": "whole",
    "max_lessons": "whole", "max_amount_fen": "money", "max_advance_days": "whole",
    "ft_ratio_bp": "percent", "ratio_k12_bp": "percent", "ratio_pre_bp": "percent",
    "restday_stages": "choices", "subject_codes": "choices", "banned_premises": "choices",
    "disguise_words": "texts",
}  # fmt: skip
_CODES: Final = {
    "restday_stages": "all.STAGES_ZH",
    "subject_codes": "all.SUBJECTS_ZH",
    "banned_premises": "courses.PREMISES_ZH",
}
_OWN: Final = {
    "deposit_ratio_bp": "percent", "price_float_bp": "percent", "min_ft_teaching": "whole",
    "min_building_area_centi_m2": "area", "holidays": "days",
}  # fmt: skip
_AREAS: Final = {
    "default": "各类", "sports": "体育类", "culture_arts": "文化艺术类", "science_tech": "科技类",
    "dance": "舞蹈",
}  # fmt: skip
_CAPS: Final = {"s": "线下10人以下", "m": "线下10至35人", "l": "线下35人以上", "online": "线上"}
_PLACES: Final = {
    "/overrides/": "/",
    "/min_area_centi_m2/": "/area_",
    "/price_cap_fen/offline/": "/price_",
    "/price_cap_fen/": "/price_",
}


def _label(name: str) -> str:
    return word(name, "compliance.LABELS_ZH")


def _parameter_fields() -> list[Field]:
    day = text("hint.date")
    return [
        Field(name="effective_from", label="生效日期", kind="day", hint=day, is_required=True),
        Field(name="effective_to", label="失效日期", kind="day",
              hint="不填的，到下一次设置生效为止"),
        Field(name="basis_doc", label="依据", kind="text", longest=500),
        Field(name="reason", label="修改理由", kind="area_text", longest=500),
        *(Field(name=name, label=_label(name), kind=kind, codes=_CODES.get(name))
          for name, kind in _OVERRIDES.items()),
        *(Field(name=name, label=_label(name), kind=kind, hint=day if kind == "days" else "")
          for name, kind in _OWN.items()),
        *(Field(name=f"area_{name}", label=f"{_label('min_area_centi_m2')}（{of}）", kind="area")
          for name, of in _AREAS.items()),
        *(Field(name=f"price_{name}", label=f"{_label('price_cap_fen')}（{of}）", kind="money",
                hint="每课时每人次")
          for name, of in _CAPS.items()),
        Field(name="school_hours", label=_label("school_hours"), kind="rows", most=6, fields=(
            Field(name="stage", label="学段", kind="choice", codes="all.STAGES_ZH"),
            Field(name="begins", label="开始时间", kind="time"),
            Field(name="ends", label="结束时间", kind="time"),
        )),
        Field(name="vacations", label=_label("vacations"), kind="rows", most=50, fields=(
            Field(name="first", label="第一天", kind="day"),
            Field(name="last", label="最后一天", kind="day"),
        )),
    ]  # fmt: skip


PARAMETERS: Final = Layout(
    "region_parameters",
    (
        Group("适用", ("effective_from", "effective_to", "basis_doc", "reason")),
        Group("培训时间", ("end_offline", "end_online", "online_lesson_max", "online_break_min",
                       "half_day_minutes", "restday_stages", "school_hours", "vacations",
                       "holidays")),
        Group("收费", ("max_period_days", "max_lessons", "max_amount_fen", "max_advance_days",
                     "deposit_ratio_bp", "price_s", "price_m", "price_l", "price_online",
                     "price_float_bp")),
        Group("人员", ("ft_ratio_bp", "ratio_k12_bp", "ratio_pre_bp", "min_ft_teaching")),
        Group("场所", ("area_default", "area_sports", "area_culture_arts", "area_science_tech",
                     "area_dance", "min_building_area_centi_m2", "banned_premises")),
        Group("科目与用词", ("subject_codes", "disguise_words")),
    ),
    {each.name: each.below("") for each in _parameter_fields()},
)  # fmt: skip

_RULE: Final = (
    Field(name="category", label="培训类别", kind="choice", codes="all.CATEGORIES_ZH",
          is_required=True),
    Field(name="delivery", label="培训方式", kind="choice", codes="auth.delivery",
          is_required=True),
    Field(name="nonsubject_type", label="非学科类别", kind="choice",
          codes="institution.NONSUBJECT_TYPES_ZH"),
    Field(name="mode", label="怎样办理", kind="choice", codes="compliance.routing_mode",
          is_required=True),
    Field(name="level", label="审核层级", kind="choice", codes="auth.level"),
    Field(name="delegate_level", label="委托层级", kind="choice", codes="auth.level",
          hint="仅省级可以委托线上学科类"),
    Field(name="drops_when_mixed", label="同时有学科类培训的，不另设本环节", kind="yesno"),
    Field(name="effective_from", label="生效日期", kind="day", hint=text("hint.date"),
          is_required=True),
    Field(name="effective_to", label="失效日期", kind="day"),
    Field(name="basis_doc", label="依据", kind="text", longest=500),
)  # fmt: skip
ROUTING: Final = Layout(
    "routing_rules",
    (Group("路由规则", ("rules",)), Group("理由", ("reason",))),
    {
        each.name: each.below("")
        for each in (
            Field(name="rules", label="规则", kind="rows", most=200, fields=_RULE),
            Field(name="reason", label="修改理由", kind="area_text", longest=500),
        )
    },
)


def place_of(pointer: str) -> str:
    """Where the form asks what stands at a place of the API's parameters."""
    for head, instead in _PLACES.items():
        if pointer.startswith(head):
            return instead + pointer.removeprefix(head)
    if pointer.startswith(("/school_hours/", "/vacations/")):
        return "/" + pointer.split("/")[1]
    return pointer


def parameters_body(typed: Mapping[str, Json]) -> Json:
    """What the API takes of the answers: what was left blank is not in it."""
    given = {name: value for name, value in typed.items() if value not in (None, "", [])}
    names = ("effective_from", "effective_to", "basis_doc", "reason", *_OWN)
    body = {name: given[name] for name in names if name in given}
    overrides = {name: given[name] for name in _OVERRIDES if name in given}
    areas = {name: given[f"area_{name}"] for name in _AREAS if f"area_{name}" in given}
    caps = {name: given[f"price_{name}"] for name in _CAPS if f"price_{name}" in given}
    hours = {
        each["stage"]: [each["begins"], each["ends"]]
        for each in given.get("school_hours", ())
        if each["stage"]
    }
    vacations = [[each["first"], each["last"]] for each in given.get("vacations", ())]
    offline = {name: cap for name, cap in caps.items() if name != "online"}
    online = {"online": caps["online"]} if "online" in caps else {}
    parts = {
        "overrides": overrides,
        "min_area_centi_m2": areas,
        "price_cap_fen": ({"offline": offline} if offline else {}) | online,
        "school_hours": hours,
        "vacations": vacations,
    }
    return body | {name: part for name, part in parts.items() if part}


def parameters_shown(own: Json) -> dict[str, Json]:
    """The region's own set as the form asks it; empty where it has none."""
    if own is None:
        return {}
    told = own["parameters"]
    overrides = told.get("overrides") or {}
    caps = told.get("price_cap_fen") or {}
    flat = {name: own[name] for name in ("effective_from", "effective_to", "basis_doc")}
    flat |= {name: told.get(name) for name in _OWN}
    flat |= {name: overrides.get(name) for name in _OVERRIDES}
    flat["deposit_ratio_bp"] = told.get("deposit_ratio_bp") or overrides.get("deposit_ratio_bp")
    flat |= {f"area_{name}": (told.get("min_area_centi_m2") or {}).get(name) for name in _AREAS}
    flat |= {f"price_{name}": (caps.get("offline") or {}).get(name) for name in ("s", "m", "l")}
    flat["price_online"] = caps.get("online")
    flat["school_hours"] = [
        {"stage": stage, "begins": hours[0], "ends": hours[1]}
        for stage, hours in (told.get("school_hours") or {}).items()
    ]
    flat["vacations"] = [
        {"first": span[0], "last": span[1]} for span in told.get("vacations") or ()
    ]
    return flat


def routing_body(typed: Mapping[str, Json]) -> Json:
    """The rules with what they say, and why they change."""
    rules = [
        {name: value for name, value in rule.items() if value is not None}
        for rule in typed["rules"]
    ]
    return {"rules": rules} | ({"reason": typed["reason"]} if typed["reason"] else {})
