"""Stock Connexion 3.3: FlaskApp on the sample's contract, everything else as delivered."""

import warnings
from typing import Any
from uuid import UUID

warnings.simplefilter("ignore")

import connexion  # noqa: E402

from bench.peers import statements  # noqa: E402
from bench.peers.contract import connexion_contract  # noqa: E402

FIRST = UUID(int=0)
Answer = tuple[dict[str, Any], int]


def get_item(institution_id: str, item_id: str) -> Answer:
    item = statements.find_item(UUID(institution_id), UUID(item_id))
    return ({"title": "not found"}, 404) if item is None else (_json(item), 200)


def list_items(
    institution_id: str, *, limit: int = 20, cursor: str | None = None, **_kind: list[str]
) -> Answer:
    page = statements.list_items(UUID(institution_id), UUID(cursor) if cursor else FIRST, limit)
    return {"items": [_json(item) for item in page["items"]], "next": page["next"]}, 200


def add_item(institution_id: str, body: dict[str, Any]) -> Answer:
    return _json(statements.add_item(UUID(institution_id), body)), 201


def _json(item: dict[str, Any]) -> dict[str, Any]:
    """Its encoder knows dates and ids, but writes dates as those of e-mails."""
    for name in ("opened_on", "closed_on", "checked_at"):
        if item[name] is not None:
            item[name] = item[name].isoformat()
    return item


app = connexion.FlaskApp("peer")
app.add_api(connexion_contract())
app.add_url_rule("/readyz", "readyz", lambda: "ok")
