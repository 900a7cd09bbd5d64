"""The floor: Flask with nothing round it, written by hand for exactly these requests.

orjson, statements built once, one compiled validator. No identity, no scopes, no metrics, no
request id, no check of its own answers. BENCH_VALIDATOR and BENCH_BARE choose among its kinds.
"""

import os
from collections.abc import Callable
from uuid import UUID

import flask
import jsonschema
import jsonschema_rs
import orjson

from bench.peers import statements
from bench.peers.contract import ITEMS, Json, item_create_schema

FLASK_ITEMS = ITEMS.replace("{", "<").replace("}", ">")
FIRST = UUID(int=0)

app = flask.Flask("peer")
_add = statements.add_item_bare if os.environ.get("BENCH_BARE") else statements.add_item


def _is_valid() -> Callable[[Json], bool]:
    schema = item_create_schema()
    if os.environ.get("BENCH_VALIDATOR") == "jsonschema":
        checker = jsonschema.FormatChecker()
        usual = jsonschema.Draft7Validator(schema, format_checker=checker)
        return lambda body: next(usual.iter_errors(body), None) is None
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True).is_valid


is_valid = _is_valid()


def _answer(body: Json, status: int = 200) -> flask.Response:
    return flask.Response(orjson.dumps(body), status, content_type="application/json")


@app.get("/readyz")
def readyz() -> str:
    return "ok"


@app.get(f"{FLASK_ITEMS}/<item_id>")
def get_item(institution_id: str, item_id: str) -> flask.Response:
    item = statements.find_item(UUID(institution_id), UUID(item_id))
    return _answer({"title": "not found"}, 404) if item is None else _answer(item)


@app.get(FLASK_ITEMS)
def list_items(institution_id: str) -> flask.Response:
    limit = int(flask.request.args.get("limit", 20))
    after = flask.request.args.get("cursor")
    if not 1 <= limit <= 100:
        return _answer({"title": "bad limit"}, 400)
    page = statements.list_items(UUID(institution_id), UUID(after) if after else FIRST, limit)
    return _answer(page)


@app.post(FLASK_ITEMS)
def add_item(institution_id: str) -> flask.Response:
    body = orjson.loads(flask.request.get_data(cache=False))
    if not is_valid(body):
        return _answer({"title": "invalid"}, 422)
    return _answer(_add(UUID(institution_id), body), 201)
