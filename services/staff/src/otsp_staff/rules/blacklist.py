"""The national list of persons who may not work at training institutions (从业人员黑名单)."""

from collections.abc import Iterator, Mapping
from datetime import date

from otsp_contracts.values import FieldError
from otsp_staff.rules.fields import Fields, check_number, days_to_come

RED_LINES_ZH: Mapping[str, str] = {
    "against_party_line": "有损害党中央权威、违背党的路线方针政策的言行",
    "harm_to_public_interest": "损害国家利益、社会公共利益，或违背社会公序良俗",
    "false_information": "发表、转发错误观点，或编造散布虚假信息、不良信息",
    "pupil_abuse": "歧视、侮辱学生，虐待、伤害、体罚或变相体罚未成年人",
    "pupils_deserted": "遇突发事件、面临危险时不顾学生安危，擅离职守，自行逃离",
    "sexual_misconduct": "与学生发生不正当关系，猥亵、性骚扰",
    "improper_gains": "向学生及家长索要、收受不正当财物或利益",
    "criminal_liability": "被依法追究刑事责任",
    "drug_use": "吸食毒品等违反治安管理法律法规的行为",
    "unlawful_religion": "违法传教或者开展宗教活动",
    "cult": "宣扬或从事邪教",
}
"""The eleven red lines of the staff measures (教监管厅函〔2021〕9号); code → behaviour."""


def check_entry(fields: Fields, today: date) -> Iterator[FieldError]:
    yield from check_number(fields, today)
    yield from days_to_come(fields, ("decided_on",), today)


def check_revocation(fields: Fields, today: date) -> Iterator[FieldError]:
    yield from days_to_come(fields, ("revoked_on",), today)
