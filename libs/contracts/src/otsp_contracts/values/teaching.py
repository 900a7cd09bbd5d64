"""What is taught to whom, in codes and words (domain specification §1.3)."""

from collections.abc import Mapping

CATEGORIES_ZH: Mapping[str, str] = {"subject": "学科类", "nonsubject": "非学科类"}

STAGES_ZH: Mapping[str, str] = {
    "preschool": "学龄前",
    "primary": "小学",
    "junior": "初中",
    "senior": "普通高中",
    "vocational": "中职",
    "adult": "成人",
}

SUBJECTS_ZH: Mapping[str, str] = {
    "morality_law": "道德与法治",
    "chinese": "语文",
    "history": "历史",
    "geography": "地理",
    "math": "数学",
    "english": "英语",
    "japanese": "日语",
    "russian": "俄语",
    "physics": "物理",
    "chemistry": "化学",
    "biology": "生物",
    "music": "音乐",
    "dance": "舞蹈",
    "fine_arts": "美术",
    "calligraphy": "书法",
    "drama": "戏剧戏曲",
    "quyi": "曲艺",
    "design": "设计",
    "broadcast": "播音主持",
    "other_art": "其他艺术",
    "fitness": "基础体能",
    "ball": "球类",
    "swim_water": "游泳及水上",
    "gymnastics": "体操",
    "martial_arts": "武术",
    "winter": "冬季运动",
    "chess": "棋牌",
    "model": "航模无线电",
    "climb": "登山",
    "other_sport": "其他体育",
    "robotics": "机器人",
    "programming": "编程",
    "maker": "创客",
    "science_lab": "科学实验",
    "other_tech": "其他科技",
}
"""Of both categories; a list that grows, so a code that is not here may be a good one."""

DELIVERIES_ZH: Mapping[str, str] = {
    "offline": "线下",
    "online_live": "线上直播",
    "online_recorded": "线上录播",
}
