"""STF beyond the tables of `cases`."""

KEPT = None


def test_one_person_who_cannot_be_judged_does_not_hide_another(judge):
    evaluation = judge("A", {"staff/T1/prohibited": None, "staff/M1/prohibited": True})

    by_id = {one.rule_id: one for one in evaluation.findings}
    assert by_id["STF-006"].object_ids == ("M1",)
    assert by_id["CMP-000"].object_ids == ("T1",)
    assert by_id["CMP-000"].pointers == ("/staff/0/prohibited",)
    assert by_id["CMP-000"].message_zh == "数据缺失，无法判定：STF-006"


def test_a_region_may_ask_for_more_full_time_teachers(offenders):
    ratio = {"region/overrides": {"ft_ratio_bp": 8000}}

    assert offenders("STF-003", "A", ratio) == set()
    assert offenders("STF-003", "A", {"region/overrides": {"ft_ratio_bp": 7500}}) is KEPT
