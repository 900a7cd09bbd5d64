"""Dashboards as Grafana reads them; data sources are variables, chosen by whoever looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from otsp_local.monitoring.model import Dashboard, Lookup, Panel

SCHEMA = 39
"""Of Grafana 10.4 and newer; older ones are not read, newer ones migrate it."""
_FIRST_ROW = 101
_COLUMNS = 24
_HEIGHT = 8
_PROMETHEUS = {"type": "prometheus", "uid": "${prometheus}"}


def dashboard_file(board: Dashboard) -> str:
    return json.dumps(_document(board), indent=1, ensure_ascii=False) + "\n"


def panel_numbers(board: Dashboard) -> dict[str, int]:
    """Title → id on the board."""
    return {panel.title: number for number, panel in enumerate(board.panels, start=1)}


def _document(board: Dashboard) -> Mapping[str, Any]:
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.about,
        "tags": ["otsp"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "timezone": "Asia/Shanghai",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [{"type": "dashboards", "title": "OTSP", "tags": ["otsp"], "asDropdown": True}],
        "annotations": {"list": [_alerts_marked()]},
        "templating": {"list": list(_variables(board))},
        "panels": list(_panels(board)),
    }


def _alerts_marked() -> Mapping[str, Any]:
    return {
        "name": "Alerts",
        "enable": False,
        "datasource": _PROMETHEUS,
        "iconColor": "red",
        "expr": 'ALERTS{alertstate="firing", severity="page"}',
        "titleFormat": "{{alertname}}",
    }


def _variables(board: Dashboard) -> Iterator[Mapping[str, Any]]:
    for source in ("prometheus", *board.sources):
        yield {"type": "datasource", "name": source, "label": source.title(), "query": source}
    if board.by_service:
        yield {
            "type": "query",
            "name": "service",
            "label": "Service",
            "datasource": _PROMETHEUS,
            "query": "label_values(otsp_http_in_flight, service)",
            "includeAll": True,
            "allValue": ".+",
            "multi": True,
            "refresh": 2,
            "sort": 1,
            "current": {"text": "All", "value": "$__all"},
        }
    for name, label in board.texts.items():
        yield {"type": "textbox", "name": name, "label": label, "query": ""}


def _panels(board: Dashboard) -> Iterator[Mapping[str, Any]]:
    """From left to right, a new line when the next does not fit."""
    numbers, top = panel_numbers(board), 0
    for number, row in enumerate(board.rows, start=_FIRST_ROW):
        place = {"h": 1, "w": _COLUMNS, "x": 0, "y": top}
        yield {"id": number, "type": "row", "title": row.title, "gridPos": place}
        left, top = 0, top + 1
        for panel in row.panels:
            if left + panel.width > _COLUMNS:
                left, top = 0, top + _HEIGHT
            place = {"h": _HEIGHT, "w": panel.width, "x": left, "y": top}
            picture = _lookup(panel) if isinstance(panel, Lookup) else _panel(panel)
            named = {"title": panel.title, "description": panel.about}
            yield {"id": numbers[panel.title], **named, "gridPos": place, **picture}
            left += panel.width
        top += _HEIGHT


def _panel(panel: Panel) -> Mapping[str, Any]:
    steps: list[Mapping[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    drawn = {"thresholdsStyle": {"mode": "line" if panel.limit is not None else "off"}}
    return {
        "type": panel.kind,
        "datasource": _PROMETHEUS,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": drawn if panel.kind == "timeseries" else {},
            },
            "overrides": [],
        },
        "options": _OPTIONS[panel.kind],
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": _PROMETHEUS,
                "expr": query.expr,
                "legendFormat": query.legend,
                **({"instant": True, "format": "table"} if panel.kind == "table" else {}),
            }
            for number, query in enumerate(panel.queries)
        ],
    }


_OPTIONS: dict[str, Mapping[str, Any]] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background"},
    "table": {"showHeader": True, "cellHeight": "sm"},
}


def _lookup(panel: Lookup) -> Mapping[str, Any]:
    source = {"type": panel.source, "uid": f"${{{panel.source}}}"}
    target: dict[str, Any] = {"refId": "A", "datasource": source}
    if panel.source == "loki":
        return {
            "type": "logs",
            "datasource": source,
            "options": {"showTime": True, "sortOrder": "Ascending", "wrapLogMessage": True},
            "targets": [target | {"expr": panel.query}],
        }
    asked = {"queryType": "traceql", "query": panel.query}
    return {"type": "traces", "datasource": source, "targets": [target | asked]}
