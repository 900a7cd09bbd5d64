"""What a finding quotes, said in Chinese: what stands there, and what should stand there.

The same key may be said in two ways: found `days_left` is what is left, required what must be.
"""

from collections.abc import Callable, Mapping
from typing import Final

from otsp_compliance.rules.codes import CODES_OF_FIELD_ZH, CODES_ZH
from otsp_compliance.rules.outcome import Breach, Datum
from otsp_contracts import regions

_WHOLE: Final = 10_000
_AS_TYPED: Final = frozenset(
    {"name", "account_name", "name_on_licence", "name_on_cert", "words", "without"}
)
"""Fields whose text is no code, whatever it reads."""

_COUNTERS: Final[Mapping[str, str]] = {
    "staff": "人",
    "teacher_ids": "人",
    "capacity": "人",
    "enrolled": "人",
    "stored_persons": "人",
    "material_ids": "份",
    "quals": "项",
    "sites": "处",
    "lesson_count": "课时",
    "remaining_lessons": "课时",
    "period_days": "天",
    "advance_days": "天",
    "content_retention_days": "天",
    "live_video_retention_days": "天",
    "log_retention_days": "天",
    "years": "年",
    "floor": "层",
    "mlps_level": "级",
    "audit_reports": "年度",
}

_FOUND: Final[Mapping[str, str]] = {
    "advance_days": "提前{}收费",
    "amount_fen": "收费{}",
    "break_minutes": "课间{}分钟",
    "category": "类别为{}",
    "cert_stages": "教师资格学段为{}",
    "class_id": "班级{}",
    "class_ids": "班级{}",
    "date": "{}",
    "day_minutes": "当日共{}分钟",
    "days_kept": "保管了{}天",
    "days_left": "剩余{}天",
    "doubtful": "填报内容存疑",
    "employed": "从业人员{}人",
    "end": "{}结束",
    "enrolled": "学员{}",
    "from": "自{}起",
    "full_time": "专职{}人",
    "lesson_minutes": "每课时{}分钟",
    "member_count": "正式党员{}人",
    "name": "名称为“{}”",
    "org_form": "党组织{}",
    "peak": "同一时段最多{}人",
    "prefix": "前两位为{}",
    "probationary_count": "预备党员{}人",
    "registered": "登记了{}次",
    "remaining_lessons": "剩余{}",
    "same_as": "与基础账户相同",
    "school_hours": "当地教学时间{}",
    "sessions": "共{}次课",
    "staff_id": "人员{}",
    "staff_ids": "人员{}",
    "stage": "学段为{}",
    "start": "{}开始",
    "subject_code": "科目为{}",
    "subjects": "任教学科为{}",
    "teaching_area_centi_m2": "培训用房{}",
    "words": "含“{}”",
}
_REQUIRED: Final[Mapping[str, str]] = {
    "advance_days": "提前不超过{}收费",
    "at_least": "不少于{}",
    "at_most": "不超过{}",
    "break_minutes_min": "课间不少于{}分钟",
    "calendar": "在已公布的节假日安排之内",
    "cap_fen": "每标准课时不超过{}",
    "category": "类别为{}",
    "centi_m2_each": "生均不少于{}",
    "check_digit": "通过校验的代码",
    "classes_at_once": "同一时间只教{}个班级",
    "cycle_total_fen": "单个收费周期费用总额为{}",
    "day_minutes_below": "当日少于{}分钟",
    "days_kept": "保管不少于{}天",
    "days_left": "剩余不少于{}天",
    "doc_type": "上传{}",
    "end_by": "不晚于{}结束",
    "float_bp": "上浮不超过{}",
    "latest_year": "不早于{}年度",
    "lesson_minutes_max": "每课时不超过{}分钟",
    "listed": "选择已登记的收费项目",
    "not": "不得为{}",
    "not_after": "不晚于{}",
    "not_before": "不早于{}",
    "not_same_as": "与基础账户不同",
    "party_members_at_most": "党员合计不超过从业人员{}人",
    "pattern": "符合规定的编号格式",
    "prefix": "前两位为{}",
    "present": "填写（上传）",
    "published": "当地公布教学时间",
    "ratio_bp": "比例不低于{}",
    "registered": "只登记{}次",
    "remaining_lessons": "剩余不超过{}",
    "rest_day": "不在休息日上课",
    "rule_id": "填写规则{}所需的数据",
    "school_hours": "避开教学时间{}",
    "separate": "审核人员不参与编写",
    "sound": "核对无误",
    "stage": "具备{}及以上学段的教师资格",
    "subject": "任教学科为{}",
    "teaching_area_centi_m2": "培训用房不少于{}",
    "without": "不含“{}”",
}


def found_zh(breach: Breach) -> str:
    """What stands there."""
    return _told(breach.found, _field(breach.pointer), _FOUND)


def required_zh(breach: Breach) -> str:
    """What should stand there."""
    required = breach.required
    told = _told(required, _field(breach.pointer), _REQUIRED)
    return f"{told}之一" if isinstance(required, tuple) and len(required) > 1 else told


def wordless_keys(value: Datum, *, required: bool) -> set[str]:
    """Keys that have no words yet; a test keeps this empty for all that rules say."""
    known = _REQUIRED if required else _FOUND
    return set(value) - known.keys() if isinstance(value, Mapping) else set()


def _field(pointer: str) -> str:
    """The last step of the pointer; the last two where they are told apart."""
    last_two = "/".join(pointer.split("/")[-2:])
    return last_two if last_two in CODES_OF_FIELD_ZH else pointer.rsplit("/", 1)[-1]


def _told(value: Datum, field: str, forms: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        parts = (_part(key, one, field=field, forms=forms) for key, one in value.items())
        return "，".join(parts)
    return _plain(field, value)


def _part(key: str, value: Datum, *, field: str, forms: Mapping[str, str]) -> str:
    """A bound such as `at_most` is counted in what the field is counted in."""
    is_bound = key in {"at_least", "at_most", "not"}
    return forms.get(key, "{}").format(_plain(field if is_bound else key, value))


def _plain(field: str, value: Datum) -> str:
    if value is None:
        return "未填写"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return _number(field, value)
    if isinstance(value, tuple | list):
        return "、".join(_plain(field, one) for one in value) or "无"
    if isinstance(value, str):
        return value if field in _AS_TYPED else _code(field, value)
    return _told(value, field, {})


def _code(field: str, value: str) -> str:
    if field.endswith("region_code") and regions.find_region(value):
        return regions.full_name(value)
    own = CODES_OF_FIELD_ZH.get(field, {})
    return own.get(value) or CODES_ZH.get(value, value or "未填写")


def _number(field: str, value: int) -> str:
    for suffix, say in _UNITS.items():
        if field.endswith(suffix):
            return say(value)
    return f"{value}{_COUNTERS.get(field, '')}"


def _hundredths(value: int, unit: str) -> str:
    whole, rest = divmod(abs(value), 100)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole:,}.{rest:02d}{unit}" if rest else f"{sign}{whole:,}{unit}"


_UNITS: Final[Mapping[str, Callable[[int], str]]] = {
    "_fen": lambda value: _hundredths(value, "元"),
    "_bp": lambda value: _hundredths(value, "%"),
    "centi_m2": lambda value: _hundredths(value, "平方米"),
    "centi_m2_each": lambda value: _hundredths(value, "平方米"),
}
