"""地区参数与路由 (docs/regions.md): stricter only, tried before it is published."""

import pytest

PLACE = "/desk/region"


@pytest.fixture
def head(visitors):
    return visitors("region_admin-330106-education")


def test_a_looser_figure_is_refused_at_its_field_and_a_stricter_one_published(head, sound):
    form = head.get(f"{PLACE}/parameters")
    sound(form)

    refused = head.send(form, effective_from="2024-12-01", end_offline="21:00")
    page = sound(refused, 422)
    assert any("只能等于或低于上级的规定" in each for each in page.texts)
    assert 'id="f-end_offline-e1"' in refused.text

    done = head.send(refused, effective_from="2024-12-01", end_offline="20:00", reason="按新作息")
    assert done.url.path == PLACE
    later = head.get(f"{PLACE}?on=2024-12-01")
    assert "20:00" in sound(later).html


def test_rules_are_tried_row_by_row_and_nothing_is_stored(head, sound):
    place = f"{PLACE}/routing"
    before = head.get(place)
    sound(before)
    with_row = head.send(before, _add="rules")
    rule = {
        "rules.0.category": "nonsubject",
        "rules.0.delivery": "offline",
        "rules.0.mode": "sector_then_edu",
        "rules.0.effective_from": "20241101",
    }

    lacking = head.send(with_row, **rule | {"rules.0.mode": ""}, _simulate="1")
    assert any(each == "请选择怎样办理" for each in sound(lacking, 422).texts)
    tried = head.send(lacking, **rule, _simulate="1")

    assert "预演结果" in sound(tried).texts
    assert tried.url.path == place
    assert head.get(place).text.count("rules.0.mode") == before.text.count("rules.0.mode")
