"""A figure of 统计分析: what is kept back, what stands first, and the sentence that reads it."""

from otsp_portal.views.oversight.statistics import bars, reading, shown


def figure(*rows, total):
    return {
        "measures": [{"label_zh": "从业人员", "unit": "persons"}],
        "total": [total],
        "rows": [{"label_zh": label, "values": [value]} for label, value in rows],
    }


def test_few_persons_are_kept_back_and_an_unknown_sum_is_a_dash():
    assert shown(None, "persons") == "＜3"
    assert shown(None, "fen") == "—"


def test_units_are_those_that_people_use():
    assert shown(1_234_567, "fen") == "12,345.67元"
    assert shown(1_250, "bp") == "12.5%"
    assert shown(30, "days") == "30天"
    assert shown(1_200, "persons") == "1,200"


def test_the_sentence_names_the_whole_and_where_there_is_most():
    told = figure(("西湖区", 4), ("拱墅区", 9), ("余杭区", None), total=13)

    assert reading(told) == "从业人员合计13，其中拱墅区最多，9。"
    assert reading(figure(("余杭区", None), total=None)) == "从业人员合计＜3。"


def test_the_largest_twelve_are_drawn_and_what_is_kept_back_has_no_length():
    told = figure(("余杭区", None), *((f"第{n}区", n) for n in range(1, 12)), total=66)

    assert bars(told)[0] == ("第11区", 11, "11")
    assert bars(told)[-1] == ("余杭区", 0, "＜3")
    assert len(bars(figure(*((f"第{n}区", n) for n in range(1, 20)), total=190))) == 12
