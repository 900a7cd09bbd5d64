"""The API page: one OpenAPI document and Swagger UI's files, all served by nginx itself."""

import json
import shutil
from importlib import resources
from pathlib import Path

from otsp_gateway.openapi import discover_specs, load_spec, merge_openapi
from otsp_gateway.routes import RoutingTable
from otsp_gateway.settings import GatewaySettings

# Swagger UI draws with style attributes and data: pictures; it needs no other exception.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SWAGGER_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "LICENSE")
_OWN_FILES = ("index.html", "page.css", "page.js")


def write_docs(static: Path, *, settings: GatewaySettings, table: RoutingTable) -> None:
    """Fill `static`/api: openapi.json and docs/."""
    docs = static / "api" / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    paths = settings.specs if settings.specs is not None else discover_specs(table.services)
    document = merge_openapi(
        {name: load_spec(path) for name, path in paths.items()},
        titles={name: entry.title for name, entry in table.services.items()},
    )
    (static / "api" / "openapi.json").write_text(
        json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    _copy_files("flask_swagger_ui", "dist", names=_SWAGGER_FILES, target=docs)
    _copy_files("otsp_gateway", "api_page", names=_OWN_FILES, target=docs)


def _copy_files(package: str, folder: str, *, names: tuple[str, ...], target: Path) -> None:
    for name in names:
        with resources.as_file(resources.files(package) / folder / name) as source:
            shutil.copyfile(source, target / name)
