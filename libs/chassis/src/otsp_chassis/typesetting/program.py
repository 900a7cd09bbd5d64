"""The process: one task on standard input, the PDF on standard output."""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

_MEMORY_BYTES = 2 * 1024 * 1024 * 1024
_CPU_SECONDS = 15


def main() -> None:
    task: dict[str, Any] = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    font = Path(task["font"])
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[font.parent]
    )
    document = typst.Compiler(
        task["template"].encode(),
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(task["data"]), "font": _family(fonts, font)},
    ).compile(format="pdf", timestamp=task["at"])
    assert isinstance(document, bytes)  # noqa: S101 - a PDF is one document
    sys.stdout.buffer.write(document)


def _family(fonts: typst.Fonts, file: Path) -> str:
    """A collection has one for each region: the simplified one where it is named."""
    families = [each.family for each in fonts.fonts() if each.path == str(file)]
    return next((each for each in families if each.endswith(" SC")), families[0])


if __name__ == "__main__":
    main()
