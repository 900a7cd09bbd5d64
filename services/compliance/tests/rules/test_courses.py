"""CRS beyond the tables of `cases`."""

from otsp_compliance.rules.parameters import NATIONAL

KEPT = None


def test_a_region_may_add_words_and_not_take_any_away(offenders):
    more = [*NATIONAL.disguise_words, "中国舞"]

    assert offenders("CRS-004", "C", {"region/overrides": {"disguise_words": more}}) == {"K1"}
    assert offenders("CRS-004", "C", {"region/overrides": {"disguise_words": ["中国舞"]}}) is KEPT
