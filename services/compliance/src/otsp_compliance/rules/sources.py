"""The documents that rules rest on. A document's number stands here only when it is confirmed."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How sure it is that the document says so."""

    SEEN = "seen"  # the text was read
    LOCAL = "local"  # said by a provincial or municipal document only
    RECALLED = "recalled"  # known, not yet read at the source
    OWN = "own"  # the platform's own requirement


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in one document."""

    document: str
    number: str | None = None
    article: str | None = None
    standing: Standing = Standing.SEEN

    @property
    def text_zh(self) -> str:
        """As it is shown to people: 《…》（文号）第…条."""
        number = f"（{self.number}）" if self.number else ""
        return f"{self.document}{number}{self.article or ''}"


@dataclass(frozen=True, slots=True)
class Source:
    """A document, to be cited at its places."""

    document: str
    number: str | None = None

    def at(self, article: str | None = None, standing: Standing = Standing.SEEN) -> Citation:
        """A citation of the whole document, or of an article of it."""
        return Citation(self.document, self.number, article, standing)


def local(document: str) -> Citation:
    """What only some provinces or cities say."""
    return Citation(document, standing=Standing.LOCAL)


PRIVATE_EDUCATION_LAW = Source("《民办教育促进法》")
PRIVATE_EDUCATION_REGULATION = Source("《民办教育促进法实施条例》", "国务院令第741号")
PERSONAL_INFORMATION_LAW = Source("《个人信息保护法》")
MINORS_LAW = Source("《未成年人保护法》")
CYBERSECURITY_LAW = Source("《网络安全法》")
LICENSING_LAW = Source("《行政许可法》")
PRESCHOOL_LAW = Source("《学前教育法》")
TEACHER_REGULATION = Source("《教师资格条例》")
TEACHERS_LAW = Source("《教师法》")
INTERNET_SERVICES = Source("《互联网信息服务管理办法》")
DOUBLE_REDUCTION = Source(
    "《关于进一步减轻义务教育阶段学生作业负担和校外培训负担的意见》", "中办发〔2021〕40号"
)
SUBJECT_SCOPE = Source(
    "《关于进一步明确义务教育阶段校外培训学科类和非学科类范围的通知》", "教监管厅函〔2021〕3号"
)
CLASSIFICATION_GUIDE = Source("《义务教育阶段校外培训项目分类鉴别指南》")
STAFF_MEASURES = Source("《校外培训机构从业人员管理办法（试行）》")
MATERIALS_MEASURES = Source("《中小学生校外培训材料管理办法（试行）》", "教监管厅函〔2021〕6号")
NONPROFIT_REGISTRATION = Source(
    "《关于将面向义务教育阶段学生的学科类校外培训机构统一登记为非营利性机构的通知》"
)
ONLINE_APPROVAL = Source(
    "《关于做好现有线上学科类培训机构由备案改为审批工作的通知》", "教监管厅〔2021〕2号"
)
PREPAID_FEES = Source("《关于加强校外培训机构预收费监管工作的通知》", "教监管函〔2021〕2号")
PENALTIES = Source("《校外培训行政处罚暂行办法》", "教育部令第53号")
MODEL_CONTRACT = Source("《中小学生校外培训服务合同（示范文本）》", "GF-2021-2604")
NONSUBJECT_OPINION = Source("《关于规范面向中小学生的非学科类校外培训的意见》")
FIRE_SAFETY = Source("《校外培训机构消防安全管理九项规定》", "教监管厅函〔2022〕9号")
INSTITUTIONS_2018 = Source("《国务院办公厅关于规范校外培训机构发展的意见》", "国办发〔2018〕80号")
ONLINE_2019 = Source("《关于规范校外线上培训的实施意见》", "教基函〔2019〕8号")
SLEEP = Source("《教育部办公厅关于进一步加强中小学生睡眠管理工作的通知》")
PRICE_CONTROL = Source("《关于加强义务教育阶段学科类校外培训收费监管的通知》")
SPORTS_CONDUCT = Source("《课外体育培训行为规范》")
DISGUISED_TRAINING = Source(
    "《关于坚决查处变相违规开展学科类校外培训问题的通知》", "教监管厅函〔2021〕8号"
)
MANUAL = Source("《校外教育培训监管与服务综合平台机构使用手册》")
USCC_STANDARD = Source("《法人和其他组织统一社会信用代码编码规则》", "GB 32100-2015")
ID_STANDARD = Source("《公民身份号码》", "GB 11643-1999")
FIRE_CODE = Source("《建筑设计防火规范》", "GB 50016")
OWN = Citation("平台数据校验要求", standing=Standing.OWN)
