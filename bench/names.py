"""Names and numbers of invented institutions and people: sound, and nobody's."""

from collections.abc import Sequence
from functools import cache

from otsp_chassis.pinyin import readings
from otsp_chassis.search import terms, text_of
from otsp_contracts import regions
from otsp_contracts.values import cnid_check_digit, organisation_check_digit, uscc_check_digit

FIRST, SECOND = "新启行星博青知远春弘明致思格敏卓", "光明知河雅藤行航晖毅德远源致学越"
KINDS = ("文化", "艺术", "科技", "体育", "语言", "美术", "音乐", "舞蹈")
_FAMILIES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = "安宁嘉和子轩思源若水一诺明月清扬"
PEOPLE = len(_FAMILIES) * len(_GIVEN)


def school_name(number: int, region_code: str) -> str:
    """Two thousand brands a city: of a hundred thousand of one city some fifty share one."""
    first, second = FIRST[number % 16], SECOND[number // 16 % 16]
    return f"{_city(region_code)}{first}{second}{KINDS[number // 256 % 8]}培训学校"


def brand(number: int) -> str:
    """Of the name, what is looked for."""
    return f"{FIRST[number % 16]}{SECOND[number // 16 % 16]}{KINDS[number // 256 % 8]}"


def uscc_of(number: int, region_code: str = "330106") -> str:
    """Sound in both of its check digits."""
    organisation = f"{number:08d}"
    first_17 = f"52{region_code}{organisation}{organisation_check_digit(organisation)}"
    return first_17 + uscc_check_digit(first_17)


def person_name(number: int) -> str:
    return f"{_FAMILIES[number % 16]}{_GIVEN[number // 16 % 16]}示例"


def cnid_of(number: int, *, offset: int = 0) -> str:
    """Of an address code that is not assigned: another one for every number below 10 million."""
    serial = number + offset
    year, rest = 1960 + serial % 40, serial // 40
    month, rest = 1 + rest % 12, rest // 12
    day, rest = 1 + rest % 28, rest // 28
    place, order = 9_900 + rest // 1_000 % 100, rest % 1_000
    first_17 = f"33{place:04d}{year}{month:02d}{day:02d}{order:03d}"
    return first_17 + cnid_check_digit(first_17)


def mobile_of(number: int) -> str:
    """Another one for every number below 100 million."""
    return f"199{number:08d}"


@cache
def order_of(name: str) -> str:
    """A name by its sound, as lists of people have it."""
    return f"{' '.join(sounds_of(name))} {name}"


def sounds_of(text: str) -> Sequence[str]:
    """In Latin letters, a character's first reading."""
    return [(readings(each) or (each,))[0] for each in text]


@cache
def found_by(*texts: str) -> tuple[str, Sequence[str]]:
    """What a row of this name is found by."""
    return text_of(*texts), terms(*texts)


@cache
def _city(region_code: str) -> str:
    """杭州 of 330106; a municipality's own name; nothing longer than it is called."""
    whole = regions.name_of(
        region_code[:4] + "00" if regions.has_city_level(region_code) else region_code[:2] + "0000"
    )
    return whole.removesuffix("市").removesuffix("地区")
