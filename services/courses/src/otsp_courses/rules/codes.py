"""The codes of sites, systems and classes in words (domain specification §2.11, §2.12)."""

from collections.abc import Mapping

SITE_STATUSES_ZH: Mapping[str, str] = {"open": "启用", "closed": "停用"}

PREMISES_ZH: Mapping[str, str] = {
    "commercial": "商业",
    "office": "办公",
    "school": "学校",
    "residential": "居民住宅",
    "basement": "地下室",
    "self_built": "自建房",
    "illegal": "违章建筑",
    "other": "其他",
}

TENURES_ZH: Mapping[str, str] = {"own": "自有", "lease": "租赁", "free": "无偿使用"}

SYSTEM_KINDS_ZH: Mapping[str, str] = {
    "web": "网站",
    "app": "移动应用",
    "mini_program": "小程序",
    "pc_client": "电脑客户端",
}

SIZE_BANDS_ZH: Mapping[str, str] = {"s": "10人以下", "m": "10—35人", "l": "35人以上"}

WEEKDAYS_ZH: Mapping[int, str] = {
    number: f"周{name}" for number, name in enumerate("一二三四五六日", start=1)
}
