"""课程管理 (manual 8): 办学点 and 业务系统, what is taught there, and when (design §3.5)."""
