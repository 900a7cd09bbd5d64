"""What is in the image: sbom.cdx.json (CycloneDX, Python and Debian packages) and licences.tsv.

Runs inside the build, with the tools of requirements/image.lock.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

Component = dict[str, Any]
CLASSIFIER = "License :: OSI Approved :: "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="of the environment")
    parser.add_argument("--debian", type=Path, required=True, help="name, version, architecture")
    parser.add_argument("--out", type=Path, required=True)
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    bill = python_bill(told.python)
    python = bill["components"]
    bill["components"] = [*python, *debian_components(told.debian)]
    text = json.dumps(bill, ensure_ascii=False, indent=1, sort_keys=True)
    (told.out / "sbom.cdx.json").write_text(text + "\n", encoding="utf-8")
    shutil.copy(told.debian, told.out / "debian.tsv")
    with (told.out / "licences.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, dialect="excel-tab", lineterminator="\n")
        writer.writerow(("package", "version", "licence"))
        writer.writerows(sorted(licence_row(each) for each in python))


def python_bill(python: Path) -> dict[str, Any]:
    """The same for the same packages. Judging it by its schema would take longer than all else."""
    command = Path(sys.executable).with_name("cyclonedx-py")
    printed = subprocess.run(
        [command, "environment", "--output-reproducible", "--no-validate", "--of", "JSON", python],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    bill: dict[str, Any] = json.loads(printed)
    return bill


def debian_components(listed: Path) -> list[Component]:
    """Their licences lie in the image too: /usr/share/doc/PACKAGE/copyright."""
    return [
        {
            "type": "library",
            "bom-ref": f"deb:{name}",
            "name": name,
            "version": version,
            "purl": f"pkg:deb/debian/{name}@{quote(version)}?arch={architecture}",
        }
        for name, version, architecture, *_ in csv.reader(
            listed.read_text(encoding="utf-8").splitlines(), dialect="excel-tab"
        )
    ]


def licence_row(component: Component) -> tuple[str, str, str]:
    named = []
    for each in component.get("licenses", ()):
        licence = each.get("license", {})
        named.append(each.get("expression") or licence.get("id") or licence.get("name") or "")
    plain = (name.splitlines()[0].removeprefix(CLASSIFIER) for name in named if name)
    unique = dict.fromkeys(plain)
    return component["name"], component["version"], " AND ".join(unique) or "not told"


if __name__ == "__main__":
    main()
