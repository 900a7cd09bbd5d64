"""Documents that are written from the code, so that they cannot disagree with it."""

import argparse
import importlib
import json
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import otsp_chassis
from otsp_chassis.bus.topology import definitions, topology_of
from otsp_chassis.problems import all_problems
from otsp_cli.portal_forms import codes_document, forms_document
from otsp_cli.rules_page import rules_page
from otsp_cli.running import load_service
from otsp_cli.serving import SERVICES
from otsp_cli.texts_page import texts_page
from otsp_contracts import schemas
from otsp_gateway.problems import EDGE_PROBLEMS

_RUN_ONLY = ("otsp_chassis.gunicorn_conf", "otsp_chassis.migration_env.env")
_HEAD = """# Problems

Every refusal is `application/problem+json` (RFC 9457). `type` is `urn:otsp:problem:` and the slug,
`title` is English and stable, `detail` is Chinese and says what to do, `instance` is the request
id that support asks for, `errors` lists all faulty fields as `{pointer, code, detail}`.

A 409 or 412 over an object also tells what stands there, to callers who may read it: `current` is
what GET answers them now, `current_version` its version. A replacement that came too late (412) is
told in `differences` where the two part, `{pointer, label_zh, yours, current}`: fields that answers
mask or do not show are not compared. A 409 over something else of the same institution tells it as
`conflicting`. A replacement without If-Match is 428.

This page is written by `./dev export-docs` from the code.
"""


def export_documents(options: argparse.Namespace) -> int:
    """Into the folder: events, problems, rules, texts; beside it, the broker and the portal."""
    directory: Path = options.directory
    broker = directory.parent / "deploy" / "rabbitmq"
    broker.mkdir(parents=True, exist_ok=True)
    (broker / "definitions.json").write_text(broker_definitions(), encoding="utf-8")
    schemas.export(directory / "events")
    (directory / "events.md").write_text(schemas.events_page(), encoding="utf-8")
    (directory / "problems.md").write_text(problems_page(), encoding="utf-8")
    (directory / "rules.md").write_text(rules_page(), encoding="utf-8")
    (directory / "texts.md").write_text(texts_page(), encoding="utf-8")
    texts = directory.parent / "portal" / "src" / "otsp_portal" / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    (texts / "forms.zh.json").write_text(forms_document(), encoding="utf-8")
    (texts / "codes.zh.json").write_text(codes_document(), encoding="utf-8")
    return 0


def broker_definitions() -> str:
    """deploy/rabbitmq/definitions.json: what all services' consumers need of the broker."""
    heard = {f"{name}.events.q1": load_service(name).heard_types() for name in SERVICES}
    return json.dumps(definitions(topology_of(heard), vhost="otsp"), indent=1) + "\n"


def problems_page() -> str:
    """All refusals of the chassis and the services, by owner, status and slug."""
    for name in SERVICES:
        load_service(name).load_rooms()
    for module in pkgutil.walk_packages(otsp_chassis.__path__, "otsp_chassis."):
        if module.name not in _RUN_ONLY:
            importlib.import_module(module.name)
    everywhere = _rows_of("chassis")
    shared = {row.slug for row in everywhere}
    edge = [
        Row(each.status, each.slug, each.title, each.detail)
        for each in EDGE_PROBLEMS
        if each.slug not in shared
    ]
    parts = [("Everywhere", everywhere), ("At the edge", edge)]
    parts += [(name, _rows_of(name)) for name in SERVICES]
    return "\n".join([_HEAD, *(line for title, rows in parts for line in _table(title, rows))])


class Row(NamedTuple):
    """One refusal as the page tells it."""

    status: int
    slug: str
    title: str
    detail: str


def _rows_of(owner: str) -> list[Row]:
    return [
        Row(each.status, each.slug, each.title, each.detail_zh)
        for each in all_problems()
        if each.__module__.startswith(f"otsp_{owner}.")
    ]


def _table(title: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    yield f"## {title}\n"
    yield "| status | slug | title | detail |"
    yield "|---|---|---|---|"
    for row in sorted(set(rows)):
        yield f"| {row.status} | `{row.slug}` | {row.title} | {row.detail} |"
    yield ""
