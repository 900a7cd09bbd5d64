"""Six openapi.yaml files → one document. Pure functions on plain data; files only at the rim."""

import copy
import importlib.util
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

JsonObject = dict[str, object]
# A component's place: ("schemas", "Problem").
Place = tuple[str, str]

_POINTER = "#/components/"


class SpecConflictError(ValueError):
    """Two services claim the same path, operation or security scheme."""


def discover_specs(services: Iterable[str]) -> dict[str, Path]:
    """openapi.yaml inside each installed otsp_<service>, found without importing the service."""
    found: dict[str, Path] = {}
    for service in services:
        spec = importlib.util.find_spec(f"otsp_{service}")
        folders = (spec.submodule_search_locations or ()) if spec else ()
        path = next((Path(f) / "openapi.yaml" for f in folders), None)
        if path is None or not path.is_file():
            raise FileNotFoundError(f"otsp_{service} with its openapi.yaml is not installed here")
        found[service] = path
    return found


class _JsonLoader(yaml.CSafeLoader):
    """Only what JSON has: an example's 2026-09-01 stays the text that a client sends."""


_JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load_spec(path: Path) -> JsonObject:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_JsonLoader)  # noqa: S506 - safe
    if not isinstance(document, dict):
        raise SpecConflictError(f"{path} is not an OpenAPI document")
    return document


def merge_openapi(
    specs: Mapping[str, JsonObject], titles: Mapping[str, str] | None = None
) -> JsonObject:
    """One document with every path. A component that means the same everywhere stands once; one
    that differs is named <service>.<Name>, and references follow it.
    """
    components = {service: _components(spec) for service, spec in specs.items()}
    renamed = _places_to_rename(components)
    paths: JsonObject = {}
    merged: dict[str, JsonObject] = defaultdict(dict)
    operations: set[str] = set()
    for service, spec in specs.items():
        names = {place: _own_name(service, place[1]) for place in renamed}
        title = (titles or {}).get(service, service)
        for path, item in _published_paths(spec):
            if path in paths:
                raise SpecConflictError(f"{path} stands in two services")
            paths[path] = _tagged(_rewritten(item, names), title, operations)
        for place, component in components[service].items():
            section, name = place
            _add(merged[section], names.get(place, name), _rewritten(component, names))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "校外教育培训监管与服务综合平台接口",
            "version": _version(specs.values()),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": (titles or {}).get(service, service)} for service in specs],
        "paths": paths,
        "components": dict(merged),
    }


def operations_of(spec: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    """(method in capitals, path, operation) of everything that may be asked from outside."""
    for path, item in _published_paths(spec):
        for method, operation in _object(item).items():
            if method in {"get", "put", "post", "delete", "patch", "head", "options", "trace"}:
                yield method.upper(), path, _object(operation)


def _published_paths(spec: JsonObject) -> Iterator[tuple[str, object]]:
    """All but what only the edge itself asks."""
    for path, item in _object(spec.get("paths")).items():
        if not path.startswith("/internal/"):
            yield path, item


def _object(value: object) -> JsonObject:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SpecConflictError(f"an object was expected, not {value!r}")
    return value


def _version(specs: Iterable[JsonObject]) -> str:
    versions = {str(_object(spec.get("info")).get("version", "1")) for spec in specs}
    return max(versions, default="1")


def _components(spec: JsonObject) -> dict[Place, object]:
    return {
        (section, name): component
        for section, members in _object(spec.get("components")).items()
        for name, component in _object(members).items()
    }


def _own_name(service: str, name: str) -> str:
    """With a dot, which no service uses in its names: the new name is never taken."""
    return f"{service}.{name}"


def _places_to_rename(components: Mapping[str, Mapping[Place, object]]) -> set[Place]:
    """Places whose contents differ between services, and the shared places that refer to those:
    equal text no longer means the same once a part of it has two meanings.
    """
    owners: dict[Place, list[object]] = defaultdict(list)
    for own in components.values():
        for place, component in own.items():
            owners[place].append(component)
    shared = {
        place: contents[0]
        for place, contents in owners.items()
        if len(contents) > 1 and place[0] != "securitySchemes"
    }
    differing = {place for place in shared if any(c != shared[place] for c in owners[place])}
    grew = True
    while grew:
        reached = {
            place
            for place, content in shared.items()
            if place not in differing and differing.intersection(_references(content))
        }
        differing |= reached
        grew = bool(reached)
    return differing


def _references(value: object) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, inner in value.items():
            place = _place(inner) if key == "$ref" else None
            if place:
                yield place
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _place(reference: object) -> Place | None:
    if not isinstance(reference, str) or not reference.startswith(_POINTER):
        return None
    section, _, name = reference.removeprefix(_POINTER).partition("/")
    return section, name


def _rewritten(value: object, names: Mapping[Place, str]) -> object:
    if isinstance(value, dict):
        return {key: _rewritten_member(key, inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rewritten(inner, names) for inner in value]
    return value


def _rewritten_member(key: str, value: object, names: Mapping[Place, str]) -> object:
    if key == "$ref":
        return _renamed(value, names)
    if (
        key == "discriminator"
        and isinstance(value, dict)
        and isinstance(value.get("mapping"), dict)
    ):
        mapping = {code: _renamed(ref, names) for code, ref in value["mapping"].items()}
        return {**value, "mapping": mapping}
    return _rewritten(value, names)


def _renamed(reference: object, names: Mapping[Place, str]) -> object:
    place = _place(reference)
    if place is None or place not in names:
        return reference
    return f"{_POINTER}{place[0]}/{names[place]}"


def _tagged(item: object, title: str, operations: set[str]) -> JsonObject:
    """The item with each operation under its service's heading, and counted as seen."""
    tagged = copy.deepcopy(_object(item))
    for _, path, operation in operations_of({"paths": {"": tagged}}):
        operation["tags"] = [title]
        operation_id = operation.get("operationId")
        if not isinstance(operation_id, str) or operation_id in operations:
            raise SpecConflictError(f"operationId missing or used twice: {operation_id} {path}")
        operations.add(operation_id)
    return tagged


def _add(section: JsonObject, name: str, component: object) -> None:
    if name not in section:
        section[name] = copy.deepcopy(component)
    elif section[name] != component:
        section[name] = _same_scheme(name, _object(section[name]), _object(component))


def _same_scheme(name: str, one: JsonObject, other: JsonObject) -> JsonObject:
    """Each service lists the scopes that it knows; the document's scheme lists them all."""
    merged = copy.deepcopy(one)
    flows = _object(merged.get("flows"))
    for flow, members in _object(other.get("flows")).items():
        known = _object(flows.setdefault(flow, {**_object(members), "scopes": {}}))
        known["scopes"] = {
            **_object(known.get("scopes")),
            **_object(_object(members).get("scopes")),
        }
    without = (
        {k: v for k, v in each.items() if k not in {"flows", "description"}}
        for each in (one, other)
    )
    first, second = without
    if first != second or not flows:
        raise SpecConflictError(f"component {name} differs between services")
    return merged
