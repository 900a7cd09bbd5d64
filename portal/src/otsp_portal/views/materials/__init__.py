"""材料管理 (manual 7): materials, their versions, their reviews, their keeping."""
