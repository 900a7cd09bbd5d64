"""人员管理 (manual 6): 在职人员, 离职人员, one person, leaving and coming back, corrections."""
