"""Lists as files, as their users have them: asked for, written by the worker, downloaded."""

import csv
import io
from typing import Any

from otsp_testkit.client import Client
from otsp_testkit.service_kit import ServiceKit

Body = dict[str, Any]


def place_of(kit: ServiceKit, client: Client) -> str:
    assert client.principal is not None
    service, institution_id = kit.runtime.service, client.principal.institution_id
    return f"/api/{service}/v1/institutions/{institution_id}"


def exported(kit: ServiceKit, client: Client, **body: Any) -> bytes:  # noqa: ANN401 - JSON
    """The file that the caller's list becomes."""
    place = place_of(kit, client)
    asked = client.post(f"{place}/exports", {"format": "csv"} | body)
    assert asked.status == 202, asked.json
    kit.run_job("make_exports")
    done = client.get(asked.headers["Location"]).json
    assert done["state"] == "done", done
    return client.get(f"{place}/files/{done['file_id']}/content").content


def exported_rows(kit: ServiceKit, client: Client, **body: Any) -> list[dict[str, str]]:  # noqa: ANN401
    """Of a CSV file, each row by its titles."""
    text = exported(kit, client, **body).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def masked_rows(kit: ServiceKit, client: Client, of: Client, **body: Any) -> list[dict[str, str]]:  # noqa: ANN401
    """Of the CSV file that the list of another becomes for an authority."""
    asked = client.post(f"{place_of(kit, of)}/masked-exports", {"format": "csv"} | body)
    assert asked.status == 202, asked.json
    kit.run_job("make_exports")
    place = asked.headers["Location"]
    done = client.get(place).json
    assert done["state"] == "done", done
    text = client.get(f"{place}/content").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def listed(client: Client, place: str, **query: Any) -> list[Body]:  # noqa: ANN401 - as in addresses
    """All pages of a list, two rows a page."""
    items: list[Body] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(place, query=query | {"limit": 2} | cursor)
        assert page.status == 200, page.json
        items += page.json["items"]
        if page.json["next"] is None:
            return items
        cursor = {"cursor": page.json["next"]}
