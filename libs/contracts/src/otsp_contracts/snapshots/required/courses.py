"""Required of where, what and to whom is taught (domain specification §2.11, §2.12)."""

from typing import Final

from otsp_contracts.snapshots.courses import (
    ClassFacts,
    CourseFacts,
    SiteFacts,
    SystemFacts,
)
from otsp_contracts.snapshots.required.field import RequiredField

SITE: Final[tuple[RequiredField[SiteFacts], ...]] = (
    RequiredField("name", "办学点名称"),
    RequiredField("region_code", "办学点区划"),
    RequiredField("address", "办学点地址"),
    RequiredField("building_area_centi_m2", "建筑面积"),
    RequiredField("teaching_area_centi_m2", "培训用房面积"),
    RequiredField("floor", "所在楼层"),
    RequiredField("premises_type", "房屋用途"),
    RequiredField("fire_proof_file_id", "消防证明", lambda known, _: known.is_offline),
    RequiredField("fire_check_on", "最近防火检查日期"),
    RequiredField("tenure", "房屋产权"),
    RequiredField("lease_to", "租赁到期日", lambda _, row: row.tenure == "lease"),
)
SYSTEM: Final[tuple[RequiredField[SystemFacts], ...]] = (
    RequiredField("name", "业务系统名称"),
    RequiredField("kind", "业务系统形式"),
    RequiredField("icp_no", "ICP备案号"),
    RequiredField("vat_licence_no", "增值电信业务经营许可证"),
    RequiredField("mlps_level", "网络安全等级保护级别"),
    RequiredField("mlps_no", "等保备案证明编号"),
    RequiredField("mlps_tested_on", "等保测评日期"),
    RequiredField("server_in_mainland", "服务器是否在中国内地"),
    RequiredField("content_retention_days", "培训内容留存天数"),
    RequiredField("live_video_retention_days", "直播影像留存天数"),
    RequiredField("log_retention_days", "网络日志留存天数"),
    RequiredField("eye_protection", "护眼功能"),
    RequiredField("parental_control", "家长监管功能"),
    RequiredField("stored_persons", "存储个人信息人数"),
    RequiredField("pia_done", "是否完成个人信息保护影响评估"),
    RequiredField("guardian_consent", "监护人同意机制与专门规则"),
    RequiredField("ads_or_games", "是否含广告或游戏"),
)
COURSE: Final[tuple[RequiredField[CourseFacts], ...]] = (
    RequiredField("name", "课程名称"),
    RequiredField("host_id", "办学点或业务系统"),
    RequiredField("category", "课程类别"),
    RequiredField("subject_code", "课程科目"),
    RequiredField("stage", "课程学段"),
    RequiredField("delivery", "授课方式"),
    RequiredField("fee_item_id", "课程收费项目"),
    RequiredField("material_ids", "课程使用材料"),
    RequiredField("homework", "是否留作业"),
    RequiredField("overseas_curriculum", "是否境外课程"),
    RequiredField("status", "课程状态"),
)
CLASS: Final[tuple[RequiredField[ClassFacts], ...]] = (
    RequiredField("name", "班级名称"),
    RequiredField("status", "班级状态"),
    RequiredField("capacity", "额定人数"),
    RequiredField("enrolled", "在班人数"),
    RequiredField("teacher_ids", "授课教师"),
    RequiredField("start_on", "开班日期"),
    RequiredField("end_on", "结班日期"),
    RequiredField("slots", "上课时间", lambda _, row: not row.extra_sessions),
)
