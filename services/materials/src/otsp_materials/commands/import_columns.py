"""The columns of the workbook that materials are imported from; files are called by their names."""

from collections.abc import Mapping

from otsp_chassis.imports.fields import Cell, Field, Kind
from otsp_contracts.values.teaching import DELIVERIES_ZH
from otsp_materials.rules import labels
from otsp_materials.rules.states import STATUS_LABELS_ZH

_RESULTS_ZH = {code: labels.RESULTS_ZH[code] for code in ("pass", "fail", "pending")}

FIELDS = (
    Field(
        "材料名称",
        "/title",
        is_required=True,
        hint="同名、同版次的材料已登记的，更新其信息；没有登记的，新增材料。",
        width=32,
    ),
    Field("版次", "/version_no", Kind.INTEGER, hint="留空为 1。", width=8),
    Field("版本说明", "/edition"),
    Field("类别", "/category", Kind.CODE, labels.CATEGORIES_ZH, width=10),
    Field("科目", "/subject_code", Kind.CODE, labels.SUBJECTS_ZH, is_open=True),
    Field("学段", "/stage", Kind.CODE, labels.STAGES_ZH, width=10),
    Field("材料种类", "/kind", Kind.CODE, labels.KINDS_ZH),
    Field("形式", "/form", Kind.CODE, labels.FORMS_ZH),
    Field("来源", "/origin", Kind.CODE, labels.ORIGINS_ZH),
    Field("书号", "/isbn", hint="正式出版的材料填写 13 位 ISBN。", width=20),
    Field("是否境外教材", "/overseas", Kind.YES_NO),
    Field("材料文件", "/file_id", Kind.FILE, width=32),
    Field("适用方式", "/delivery", Kind.CODES, DELIVERIES_ZH, width=18),
    Field("版权说明", "/copyright_note", width=30),
    Field("是否作出负面清单承诺", "/negative_list_ok", Kind.YES_NO, width=18),
    Field("负面清单承诺签署人", "/negative_list_signer"),
    Field(
        "编写人员姓名", "/authors/0/name", hint="一行填写一名主要编写人员，其余的在材料信息中补充。"
    ),
    Field("编写人员从业年限", "/authors/0/years", Kind.INTEGER),
    Field("是否已备案", "/filed", Kind.YES_NO),
    Field("备案日期", "/filed_on", Kind.DATE),
    Field(
        "状态",
        "/status",
        Kind.CODE,
        STATUS_LABELS_ZH,
        hint="留空为草稿；此前已审核、使用的材料，填写目前的状态和以下日期。状态的变更请在材料管理中办理。",
    ),
    Field("内部审核结果", "/internal_review/result", Kind.CODE, _RESULTS_ZH),
    Field("内部审核日期", "/internal_review/reviewed_on", Kind.DATE),
    Field("内部审核记录", "/internal_review/record_file_id", Kind.FILE, width=22),
    Field("启用日期", "/used_from", Kind.DATE),
    Field("停用日期", "/used_until", Kind.DATE),
    Field("保管至", "/retain_until", Kind.DATE, hint="留空为停用日期之后三年。"),
)

EXAMPLES: tuple[Mapping[str, Cell], ...] = (
    {
        "/title": "初中数学同步讲义（示例）",
        "/version_no": 1,
        "/category": "学科类",
        "/subject_code": "数学",
        "/stage": "初中",
        "/kind": "讲义",
        "/form": "基础性材料",
        "/origin": "自编",
        "/overseas": "否",
        "/delivery": "线下",
        "/copyright_note": "本机构自编，版权归本机构所有。",
        "/negative_list_ok": "是",
        "/negative_list_signer": "沈示例",
        "/authors/0/name": "周示例",
        "/authors/0/years": 5,
    },
    {
        "/title": "美术基础（示例）",
        "/version_no": 2,
        "/category": "非学科类",
        "/subject_code": "美术",
        "/stage": "小学",
        "/kind": "教材",
        "/form": "基础性材料",
        "/origin": "自编",
        "/overseas": "否",
        "/delivery": "线下、线上直播",
        "/copyright_note": "本机构自编，版权归本机构所有。",
        "/status": "在用",
        "/internal_review/result": "通过",
        "/internal_review/reviewed_on": "2024-08-10",
        "/used_from": "2024-09-01",
    },
)
"""Of fictitious materials."""
