"""Parameters and routing rules of a region: asked one by one, sent as the API takes them."""

from types import SimpleNamespace

from werkzeug.datastructures import MultiDict

from otsp_compliance.rules.strictness import DIRECTION_OF, Stricter
from otsp_portal.forms.entry import Entry
from otsp_portal.views.oversight.region_forms import (
    PARAMETERS,
    ROUTING,
    parameters_body,
    parameters_shown,
    place_of,
    routing_body,
)

SET = {
    "effective_from": "2024-09-01",
    "basis_doc": "关于校外培训时间的通知（示例）",
    "school_hours": {"primary": ["08:00", "16:30"]},
    "vacations": [["2025-01-20", "2025-02-16"]],
    "holidays": ["2024-11-11"],
    "price_cap_fen": {"offline": {"s": 6000, "l": 2500}, "online": 1500},
    "price_float_bp": 1000,
    "min_area_centi_m2": {"default": 300, "dance": 600},
    "min_ft_teaching": 3,
    "deposit_ratio_bp": 10500,
    "overrides": {
        "end_offline": "20:00",
        "max_amount_fen": 400000,
        "restday_stages": ["primary", "junior"],
        "disguise_words": ["奥数", "大语文"],
    },
}


def _sent(layout, typed):
    """What a browser sends for the values that stand in the form."""
    entry = Entry(layout)
    entry.fill(typed)
    fields = MultiDict()

    def add(values, above):
        for name, value in values.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for index, row in enumerate(value):
                    add(row, f"{above}{name}.{index}.")
            elif isinstance(value, list) and value:
                fields.setlist(f"{above}{name}", value)
            elif value:
                fields[f"{above}{name}"] = value

    add(entry.typed, "")
    again = Entry(layout)
    again.read(SimpleNamespace(form=fields))
    return again.body()


def test_what_a_region_has_set_comes_back_from_its_form_unchanged():
    aside = ("effective_from", "basis_doc")
    parameters = {name: value for name, value in SET.items() if name not in aside}
    own = {name: SET[name] for name in aside} | {"effective_to": None, "parameters": parameters}

    assert parameters_body(_sent(PARAMETERS, parameters_shown(own))) == SET


def test_a_region_without_a_set_begins_with_blanks_and_sends_only_what_it_fills_in():
    assert parameters_shown(None) == {}
    typed = parameters_shown(None) | {"effective_from": "2024-12-01"}
    assert parameters_body(_sent(PARAMETERS, typed)) == {"effective_from": "2024-12-01"}


def test_every_parameter_that_a_region_may_move_is_asked_for():
    asked = set(PARAMETERS.fields)
    own_names = {"min_area_centi_m2": "area_default", "price_cap_fen": "price_s"}

    for name, direction in DIRECTION_OF.items():
        is_asked = own_names.get(name, name) in asked
        assert is_asked is (direction is not Stricter.FIXED), name


def test_faults_stand_where_the_form_asks():
    places = {
        "/overrides/end_offline": "/end_offline",
        "/min_area_centi_m2/dance": "/area_dance",
        "/price_cap_fen/offline/s": "/price_s",
        "/price_cap_fen/online": "/price_online",
        "/school_hours/primary/0": "/school_hours",
        "/vacations/0/1": "/vacations",
        "/effective_from": "/effective_from",
    }

    assert {pointer: place_of(pointer) for pointer in places} == places
    assert {place[1:] for place in places.values()} <= set(PARAMETERS.fields)


def test_rules_are_sent_with_what_they_say():
    rule = {
        "category": "nonsubject",
        "delivery": "offline",
        "nonsubject_type": "culture_arts",
        "mode": "sector_then_edu",
        "effective_from": "2024-01-01",
    }

    sent = routing_body(_sent(ROUTING, {"rules": [rule], "reason": "文旅部门已设窗口"}))

    assert sent == {"rules": [rule], "reason": "文旅部门已设窗口"}
