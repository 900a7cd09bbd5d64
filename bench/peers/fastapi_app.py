"""FastAPI with psycopg's asynchronous pool and response models: the asynchronous peer.

Since 0.130 a response model is serialised by pydantic's compiled half. With BENCH_ENCODER the page
has no model and goes through `jsonable_encoder`, as before and as where functions return dicts.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, HTTPException, Query
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from bench.peers.contract import ITEMS
from bench.peers.statements import POOL, database_url


class Item(BaseModel):
    """One item as it is told."""

    item_id: UUID
    version: int
    name: str
    kind: str
    amount_fen: int
    opened_on: date
    closed_on: date | None
    note: str | None
    code: str | None
    description: str | None
    state: str | None
    region_code: str | None
    city: str | None
    address: str | None
    keeper: str | None
    quantity: int | None
    priority: int | None
    weight_g: int | None
    is_active: bool | None
    is_shared: bool | None
    checked_at: datetime | None
    opens_at: str | None


class ItemPage(BaseModel):
    """A page of items."""

    items: list[Item]
    next: str | None


_NAMES = ", ".join(Item.model_fields)
_ONE = f"SELECT {_NAMES} FROM item WHERE item_id = %s AND institution_id = %s"  # noqa: S608
_PAGE = (
    f"SELECT {_NAMES} FROM item WHERE institution_id = %s AND item_id > %s"  # noqa: S608
    " ORDER BY item_id LIMIT %s"
)
FIRST = UUID(int=0)
pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
    database_url("postgresql://"), min_size=POOL, max_size=POOL, open=False,
    kwargs={"autocommit": True, "row_factory": dict_row},
)  # fmt: skip


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    await pool.open()
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def readyz() -> str:
    return "ok"


@app.get(ITEMS + "/{item_id}", response_model=Item)
async def get_item(institution_id: UUID, item_id: UUID) -> dict[str, Any]:
    async with pool.connection() as connection:
        found = await connection.execute(_ONE, (item_id, institution_id))
        item: dict[str, Any] | None = await found.fetchone()
    if item is None:
        raise HTTPException(404)
    return item


@app.get(ITEMS, response_model=None if os.environ.get("BENCH_ENCODER") else ItemPage)
async def list_items(
    institution_id: UUID,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: UUID = FIRST,
) -> dict[str, Any]:
    async with pool.connection() as connection:
        found = await connection.execute(_PAGE, (institution_id, cursor, limit + 1))
        rows = await found.fetchall()
    following = str(rows[limit - 1]["item_id"]) if len(rows) > limit else None
    return {"items": rows[:limit], "next": following}
