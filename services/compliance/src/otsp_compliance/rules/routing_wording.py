"""A routing decision told to people and as data: which rule, whose word, what else there was."""

from collections.abc import Mapping
from typing import Any, Final

from otsp_compliance.rules.inheritance import NATION
from otsp_compliance.rules.routing import Ground, Seat
from otsp_compliance.rules.routing_rules import Alternative, Mode, RoutingRule, Why
from otsp_contracts import regions

_TRAININGS: Final[Mapping[str, str]] = {
    "subject": "学科类",
    "nonsubject": "非学科类",
    "online": "线上",
    "offline": "线下",
    "sports": "体育类",
    "culture_arts": "文化艺术类",
    "science_tech": "科技类",
    "other": "其他类",
}
_LEVELS: Final[Mapping[str, str]] = {
    "national": "国家",
    "province": "省级",
    "city": "地市",
    "county": "区县",
}
_DEPARTMENTS: Final[Mapping[str, str]] = {
    "education": "教育部门",
    "sports": "体育部门",
    "culture_tourism": "文化和旅游部门",
    "science_tech": "科技部门",
}
_MODES: Final[Mapping[Mode, str]] = {
    Mode.EDU_ONLY: "教育部门审核",
    Mode.SECTOR_ONLY: "行业主管部门审核",
    Mode.SECTOR_THEN_EDU: "行业部门前置审核、教育部门终审",
    Mode.EDU_WITH_OPTIONAL_OPINION: "教育部门审核并可征求行业部门意见",
}
_WHY_NOT: Final[Mapping[Why, str]] = {
    Why.WIDER_REGION: "有更具体地区的规则时不适用",
    Why.ANY_TYPE: "有针对该非学科类别的规则时不适用",
    Why.EARLIER: "已有更晚生效的规则",
    Why.OTHER_TYPE: "针对其他非学科类别",
    Why.NOT_YET: "尚未生效",
    Why.NO_LONGER: "已失效",
}


def ground_document(ground: Ground) -> dict[str, Any]:
    """One reason of a step, as it is kept with the step and told."""
    rule = ground.choice.rule
    return {
        "category": ground.part.category,
        "delivery": ground.part.delivery,
        "nonsubject_type": ground.part.kind,
        "matrix": list(ground.matrix),
        "rule": rule_document(rule),
        "department": ground.department,
        "level": rule.reviews_at.value,
        "looked_at": [_seat_document(seat) for seat in ground.looked_at],
        "is_fallback": ground.is_fallback,
        "is_dropped": ground.is_dropped,
        "alternatives": [_alternative_document(one) for one in ground.choice.alternatives],
        "text_zh": explain(ground),
    }


def rule_document(rule: RoutingRule) -> dict[str, Any]:
    """A rule with the region whose word it is; a built-in national one has no first day."""
    built_in = rule.region_code == NATION and rule.effective_from.year == 1
    return {
        "rule_id": rule.rule_id,
        "region_code": rule.region_code,
        "region_name": _region(rule.region_code),
        "set_at": rule.set_at,
        "nonsubject_type": rule.nonsubject_type,
        "mode": rule.mode.value,
        "level": rule.level.value,
        "delegate_level": rule.delegate_level.value if rule.delegate_level else None,
        "drops_when_mixed": rule.drops_when_mixed,
        "effective_from": None if built_in else rule.effective_from.isoformat(),
        "effective_to": rule.effective_to.isoformat() if rule.effective_to else None,
        "basis_doc": rule.basis_doc,
    }


def explain(ground: Ground) -> str:
    """Why the step goes where it goes, in Chinese sentences."""
    sentences = [f"{_training(ground)}：{_rule_zh(ground.choice.rule)}"]
    if ground.is_dropped:
        return (
            f"{sentences[0]}。按该规则，兼有学科类的机构不再单独审核此部分，由学科类审核一并负责。"
        )
    level = _LEVELS[ground.choice.rule.reviews_at]
    sentences.append(f"应由{level}{_DEPARTMENTS[ground.department]}审核")
    sentences += [
        f"{_region(seat.region_code)}没有启用的{_DEPARTMENTS[seat.department]}"
        for seat in ground.looked_at
        if seat.authority is None
    ]
    if ground.is_fallback:
        sentences.append(f"行业主管部门均未启用，由{_DEPARTMENTS['education']}代为审核（R7）")
    found = ground.looked_at[-1].authority if ground.looked_at else None
    if found is not None:
        sentences.append(f"由{found.name}办理")
    return "。".join(sentences) + "。"


def nobody_zh(region_code: str, level: str) -> str:
    """Why a case lies with nobody."""
    where = _region(region_code) if region_code else "（未填写行政区划）"
    return (
        f"{where}自{_LEVELS[level]}起各级均没有启用的教育部门，事项暂无受理部门，启用后自动转入。"
    )


def _training(ground: Ground) -> str:
    part = ground.part
    kind = f"（{_TRAININGS[part.kind]}）" if part.kind else ""
    return f"{_TRAININGS[part.delivery]}{_TRAININGS[part.category]}{kind}"


def _rule_zh(rule: RoutingRule) -> str:
    if rule.region_code == NATION:
        told = f"适用全国统一规定 {rule.rule_id}" if len(rule.rule_id) == 2 else "适用全国规定"
    else:
        since = rule.effective_from.isoformat()
        told = f"适用{_region(rule.region_code)}自 {since} 起施行的规定"
    told += f"，{_MODES[rule.mode]}"
    if rule.delegate_level is not None:
        told += f"，由{_LEVELS[rule.level]}委托{_LEVELS[rule.delegate_level]}"
    return told + (f"，依据《{rule.basis_doc}》" if rule.basis_doc else "")


def _alternative_document(alternative: Alternative) -> dict[str, Any]:
    why = alternative.why
    return {
        "rule": rule_document(alternative.rule),
        "why_not": why.value,
        "why_not_zh": _WHY_NOT[why],
    }


def _seat_document(seat: Seat) -> dict[str, Any]:
    return {
        "department": seat.department,
        "level": seat.level.value,
        "region_code": seat.region_code,
        "region_name": _region(seat.region_code),
        "authority_id": seat.authority.authority_id if seat.authority else None,
        "authority": seat.authority.name if seat.authority else None,
    }


def _region(code: str) -> str:
    if code == NATION:
        return "全国"
    return regions.full_name(code) if regions.find_region(code) else code
