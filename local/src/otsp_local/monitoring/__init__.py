"""Prometheus rules, Grafana dashboards and the page of alerts, written from here and committed.

`./dev export-monitoring` writes them; tests hold what is committed against it.
"""
