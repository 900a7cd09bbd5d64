"""LIC beyond the tables of `cases`."""


def test_a_whole_name_is_named_where_it_differs(judge):
    evaluation = judge(
        "A", {"licence/name_on_licence": "甲校", "certificates/0/name_on_cert": "乙校"}
    )

    (finding,) = [one for one in evaluation.findings if one.rule_id == "LIC-006"]
    assert finding.pointers == ("/licence/name_on_licence", "/certificates/0/name_on_cert")
    assert finding.found == ("甲校", "乙校")
    assert finding.required == ("杭州示例启明文化培训学校", "杭州示例启明文化培训学校")
