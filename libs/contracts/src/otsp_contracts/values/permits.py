"""Numbers of licences, filings and certificates. Rules judge them; a field never refuses them."""

import re
from dataclasses import dataclass
from typing import ClassVar

from otsp_contracts.values.code import Code, InvalidValue

_HAN = "[\u4e00-\u9fa5]"
_QUALIFIED_STAGES = {
    "1": "kindergarten",
    "2": "primary",
    "3": "junior",
    "4": "senior",
    "5": "vocational_secondary",
    "6": "vocational_secondary",
    "7": "higher",
}


@dataclass(frozen=True, slots=True, repr=False)
class PatternCode(Code):
    """A code that is known by its form alone."""

    FORM: ClassVar[re.Pattern[str]]
    DETAIL: ClassVar[str]

    @classmethod
    def check(cls, text: str) -> None:
        if not cls.FORM.fullmatch(text):
            raise InvalidValue("bad_format", cls.DETAIL)


@dataclass(frozen=True, slots=True, repr=False)
class LicenceNo(PatternCode):
    """办学许可证编号: 13 digits, or 15 with the leading 1."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(r"教民[0-9]{13}([0-9]{2})?号")
    DETAIL: ClassVar[str] = "办学许可证编号应为“教民”加13位或15位数字加“号”"


@dataclass(frozen=True, slots=True, repr=False)
class TeacherCertNo(PatternCode):
    """教师资格证书号码: 17 digits, or 15 of the old form."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{17}|[0-9]{15}")
    DETAIL: ClassVar[str] = "教师资格证书号码应为17位数字（旧证为15位）"

    @property
    def is_old_form(self) -> bool:
        """The 15-digit form tells no stage; it is worth a warning."""
        return len(self.text) == 15

    @property
    def stage(self) -> str | None:
        """The stage that digit 10 stands for; None for the old form and unused digits."""
        return None if self.is_old_form else _QUALIFIED_STAGES.get(self.text[9])


@dataclass(frozen=True, slots=True, repr=False)
class IcpNo(PatternCode):
    """ICP filing or licence number, with or without the number of a site or an app."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(
        rf"{_HAN}ICP[备证][0-9]{{6,10}}号(-[0-9]{{1,3}}[A-Z]?)?"
    )
    DETAIL: ClassVar[str] = "ICP备案号格式应如“京ICP备12345678号-1”"


@dataclass(frozen=True, slots=True, repr=False)
class VatLicenceNo(PatternCode):
    """增值电信业务经营许可证 of a province (京B2-…) or of the ministry (合字B2-…, B2-…)."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(rf"({_HAN}|合字)?B2-[0-9]{{8}}")
    DETAIL: ClassVar[str] = "增值电信业务经营许可证编号格式应如“京B2-20200001”"


@dataclass(frozen=True, slots=True, repr=False)
class MlpsNo(PatternCode):
    """等保备案证明编号: region and unit serial, then system serial."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{11}-[0-9]{5}")
    DETAIL: ClassVar[str] = "等级保护备案证明编号应为11位数字-5位数字"


@dataclass(frozen=True, slots=True, repr=False)
class PsbNo(PatternCode):
    """公安备案."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(rf"{_HAN}公网安备[0-9]{{14}}号")
    DETAIL: ClassVar[str] = "公安备案号格式应如“川公网安备51010402000252号”"


def is_licence_no(text: str) -> bool:
    """Whether `text` has the form of a school licence number."""
    return LicenceNo.accepts(text)


def is_teacher_cert_no(text: str) -> bool:
    """Whether `text` has the form of a teacher certificate number."""
    return TeacherCertNo.accepts(text)


def is_icp_no(text: str) -> bool:
    """Whether `text` has the form of an ICP number."""
    return IcpNo.accepts(text)


def is_vat_licence_no(text: str) -> bool:
    """Whether `text` has the form of a value-added telecom licence number."""
    return VatLicenceNo.accepts(text)


def is_mlps_no(text: str) -> bool:
    """Whether `text` has the form of an MLPS filing number."""
    return MlpsNo.accepts(text)


def is_psb_no(text: str) -> bool:
    """Whether `text` has the form of a public security filing number."""
    return PsbNo.accepts(text)
