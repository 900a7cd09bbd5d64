"""Backup and restore of six databases and the store at one point; docs/backup.md."""
