"""Documents that are written from the code, so that they cannot disagree with it."""

from collections.abc import Iterator
from pathlib import Path

from otsp_chassis.problems import Problem, all_problems
from otsp_cli.running import SERVICES, load_service
from otsp_contracts import schemas

_HEAD = """# Problems

Every refusal is `application/problem+json` (RFC 9457). `type` is `urn:otsp:problem:` and the slug,
`title` is English and stable, `detail` is Chinese and says what to do, `instance` is the request
id that support asks for, `errors` lists all faulty fields as `{pointer, code, detail}`.
This page is written by `./dev export-docs` from the code.
"""


def export(directory: Path) -> int:
    """`events/*.json`, `events.md` and `problems.md` below the documentation folder."""
    schemas.export(directory / "events")
    (directory / "events.md").write_text(schemas.events_page(), encoding="utf-8")
    (directory / "problems.md").write_text(problems_page(), encoding="utf-8")
    return 0


def problems_page() -> str:
    """All refusals of the chassis and the services, by owner, status and slug."""
    for name in SERVICES:
        load_service(name).load_rooms()
    return "\n".join([_HEAD, *(line for owner in ("chassis", *SERVICES) for line in _table(owner))])


def _table(owner: str) -> Iterator[str]:
    problems = [each for each in all_problems() if each.__module__.startswith(f"otsp_{owner}.")]
    if not problems:
        return
    yield f"## {'Everywhere' if owner == 'chassis' else owner}\n"
    yield "| status | slug | title | detail |"
    yield "|---|---|---|---|"
    yield from (_row(each) for each in sorted(problems, key=lambda each: (each.status, each.slug)))
    yield ""


def _row(problem: type[Problem]) -> str:
    return f"| {problem.status} | `{problem.slug}` | {problem.title} | {problem.detail_zh} |"
