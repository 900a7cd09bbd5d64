"""Surnames that are not read as their character mostly is, for lists in order of sound."""

from typing import Final

SURNAMES: Final = {
    "曾": "zeng",
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "乐": "yue",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
    "缪": "miao",
    "覃": "qin",
    "折": "she",
    "种": "chong",
    "黑": "he",
    "秘": "bi",
    "员": "yun",
    "召": "shao",
    "繁": "po",
    "能": "nai",
    "翟": "zhai",
    "隗": "wei",
    "佴": "nai",
    "么": "yao",
}
