"""Lists in and out: imports from workbooks, exports to files, what was changed (manual 6-8)."""
