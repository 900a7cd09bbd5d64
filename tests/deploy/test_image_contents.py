"""What goes into the image, built as its recipe builds it: wheels, bill of materials, size."""

import importlib.metadata
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from otsp_local.environment import IMAGE

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = [
    path.parent
    for pattern in ("libs/*", "services/*", "gateway", "portal", "cli")
    for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))
    if path.parent.name != "testkit"
]
LARGEST_LIBRARIES_MB = 370
"""Of the 450 MB that the image may take; the rest is Debian's Python, nginx and font."""


def package_of(member):
    return next(
        path.parent
        for path in (member / "src").glob("*/__init__.py")
        if "kit" not in path.parent.name
    )


def sources(member):
    package = package_of(member)
    return {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_wheel_holds_the_whole_package_and_nothing_else(member, tmp_path):
    subprocess.run(
        [IMAGE.python, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=member, check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert held == sources(member)


def test_the_bill_names_python_and_debian_packages_and_their_licences(tmp_path):
    debian = tmp_path / "debian.tsv"
    debian.write_text("nginx\t1.22.1-9\tamd64\t1314\n", encoding="utf-8")
    script = ROOT / "deploy" / "image" / "inventory.py"
    options = ["--python", sys.executable, "--debian", debian, "--out", tmp_path / "out"]

    subprocess.run([IMAGE.python, "-W", "ignore", script, *options], check=True)

    bill = json.loads((tmp_path / "out" / "sbom.cdx.json").read_text(encoding="utf-8"))
    named = {each["name"].lower(): each for each in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert named["nginx"]["purl"] == "pkg:deb/debian/nginx@1.22.1-9?arch=amd64"
    assert named["flask"]["purl"].startswith("pkg:pypi/flask@")
    rows = (tmp_path / "out" / "licences.tsv").read_text(encoding="utf-8").splitlines()
    licences = {row.split("\t")[0].lower(): row.split("\t")[2] for row in rows}
    assert licences["flask"] == "BSD-3-Clause"
    assert licences["psycopg"] == "LGPL-3.0-only"


def test_third_party_packages_stay_within_the_images_size():
    lock = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    names = re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    total = sum(size_of(name) for name in names) / 1e6

    assert 50 < total < LARGEST_LIBRARIES_MB


def size_of(name):
    """0 for what this system does not need."""
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        return 0
    return sum(path.stat().st_size for file in files if (path := Path(file.locate())).is_file())
