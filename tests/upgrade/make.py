"""`./dev release-fixture v0.1.0`: what a database of this release holds, says and sends, kept.

Three fictitious institutions are entered and filed as `otsp dossier` does it. Kept are the six
databases, the statements that this release sent to them with their values, and a message of every
event type. The keys that all this was sealed with follow from the release's name.
"""

import gzip
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import psycopg

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.revision import newest_revision
from otsp_cli.dossier import filing
from otsp_contracts.envelope import PAYLOAD_CLASSES, Envelope
from otsp_local.console import say
from otsp_local.postgres import LocalPostgres
from otsp_local.programs import SERVICES
from otsp_local.servers import find_postgres
from otsp_testkit import PlatformKit
from otsp_testkit.keys import write_key_files
from otsp_testkit.service_kit import ServiceKit

HERE = Path(__file__).parent
MOST_BYTES = 1_000_000
_KEPT = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_UNKEPT = ("advisory", "alembic_version", "pg_catalog", "information_schema", "show ")


def main() -> int:
    folder = HERE / sys.argv[1]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as place:
        server = LocalPostgres(Path(place) / "postgres", fsync=False)
        server.start()
        try:
            _make(folder, server, Path(place))
        finally:
            server.erase()
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    say(f"{folder}: {size} bytes")
    return 0 if size < MOST_BYTES else 1


def _make(folder: Path, server: LocalPostgres, place: Path) -> None:
    stage = _stage()
    keys = write_key_files(place, of=folder.name)
    weak = {"auth": {"argon2_memory_kib": 64, "argon2_time_cost": 1}}
    kits = []
    for service in stage.services():
        settings = weak.get(service.name, {})
        files = place / "files" / service.name
        kits.append(ServiceKit(service, server, keys=keys, files_dir=files, settings=settings))
    platform = PlatformKit(kits)
    with stage.samples_day(), recorded() as statements:
        town = stage.Town(platform, place)
        bus = stage.ListeningBus(platform.unheard)
        with stage.working_on(bus, platform):
            for desk in town.desks.values():
                filing.submit(desk.session, desk.institution_id)
        platform.settle()
        day = str(clock.today())
    heard = [*town.heard, *bus.heard]
    ids = {sample: str(desk.institution_id) for sample, desk in town.desks.items()}
    revisions = {name: newest_revision(f"otsp_{name}") for name in SERVICES}
    _write_json(folder / "revisions.json", revisions)
    _write_json(folder / "town.json", {"day": day, "institutions": ids})
    _write_packed(folder / "messages.json.gz", json.dumps(_of_each_type(heard)))
    _write_packed(folder / "statements.json.gz", json.dumps(statements))
    for kit in kits:
        _write_packed(folder / f"{kit.service.name}.sql.gz", _dump(kit))
        kit.close()


@contextmanager
def recorded() -> Iterator[dict[str, list[str]]]:
    """Every distinct statement once, by service, with the values that it was first sent with."""
    found: dict[str, dict[str, str]] = {name: {} for name in SERVICES}
    execute = psycopg.Cursor.execute

    def remembering(cursor, query, params=None, **options):
        text = query.decode() if isinstance(query, bytes) else str(query)
        known = found.get(cursor.connection.info.dbname.removeprefix("otsp_"))
        is_kept = text.lstrip().upper().startswith(_KEPT) and not any(
            each in text.lower() for each in _UNKEPT
        )
        if known is not None and is_kept and text not in known:
            known[text] = psycopg.ClientCursor(cursor.connection).mogrify(text, params)
        return execute(cursor, query, params, **options)

    psycopg.Cursor.execute = remembering
    statements: dict[str, list[str]] = {}
    try:
        yield statements
    finally:
        psycopg.Cursor.execute = execute
        statements |= {name: list(texts.values()) for name, texts in found.items()}


def _of_each_type(heard: list[Envelope]) -> list[dict]:
    """Two that were really sent, else one that is made up from the contract."""
    by_type: dict[str, list[Envelope]] = {}
    for envelope in heard:
        by_type.setdefault(envelope.type, []).append(envelope)
    rows = []
    for kind, payload in sorted(PAYLOAD_CLASSES.items()):
        if kind in by_type:
            sent = by_type[kind]
            chosen = [sent[0], *sent[-1:]] if len(sent) > 1 else sent
        else:
            schema = payload.model_json_schema()
            made = payload.model_validate(_value(schema, schema.get("$defs", {})))
            chosen = [Envelope.around(made, id=new_id(), time=clock.now())]
        rows += [
            {"is_real": kind in by_type, "envelope": json.loads(each.to_bytes())} for each in chosen
        ]
    return rows


def _value(schema: dict, known: dict) -> object:
    """The least that fits a schema of ours."""
    if "$ref" in schema or "anyOf" in schema:
        inner = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
        return _value(inner, known)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object":
        required = schema.get("required", [])
        return {name: _value(schema["properties"][name], known) for name in required}
    if schema.get("type") == "string":
        return _text(schema)
    if schema.get("type") == "array":
        return [_value(schema["items"], known) for _ in range(schema.get("minItems", 0))]
    plain = {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}
    return plain.get(schema.get("type", ""))


def _text(schema: dict) -> str:
    made = {
        "uuid": str(new_id()), "date": "2024-10-15", "date-time": "2024-10-15T04:00:00Z",
    }  # fmt: skip
    if "format" in schema:
        return made[schema["format"]]
    digits = {r"^[0-9]{6}$": "330106", r"^[0-9a-f]{64}$": "0" * 64}
    return digits.get(schema.get("pattern", ""), "330106")


def _dump(kit: ServiceKit) -> str:
    found = find_postgres(None)
    assert found is not None
    whole = subprocess.run(
        [
            found.folder / "pg_dump", "--no-owner", "--inserts", "--rows-per-insert=200",
            "--dbname", kit.owner_url,
        ],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    return "\n".join(
        line
        for line in whole.splitlines()
        if line and not line.startswith(("--", "\\", "SET transaction_timeout"))
    )


def _stage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("flow_town", HERE.parent / "flows" / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_packed(file: Path, text: str) -> None:
    file.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
