"""Making .venv: what a person is told when the machine lacks something."""

import importlib.util
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from otsp_local import environment, otsp
from otsp_local.console import StepFailed
from otsp_local.settings import inherited_environment


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout instead of this one, on a machine with uv."""
    uv = str(environment.VENV / "bin" / "uv")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(environment, "LOG", tmp_path / "environment.log")
    monkeypatch.setattr(environment.shutil, "which", lambda name: uv if name == "uv" else None)
    (tmp_path / "requirements").mkdir()
    for group in ("runtime", "dev", "embedded"):
        (tmp_path / "requirements" / f"{group}.lock").write_text("# nothing is needed\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.mypy]\nmypy_path = ["$MYPY_CONFIG_FILE_DIR/one/src"]\n'
    )
    return tmp_path


def machine_with_only(monkeypatch, *modules):
    """A machine without uv, whose Python has these modules."""
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    monkeypatch.setattr(
        environment.importlib.util, "find_spec", lambda name: name if name in modules else None
    )


def test_a_python_without_venv_and_pip_is_told_the_debian_package(checkout, monkeypatch):
    machine_with_only(monkeypatch)

    with pytest.raises(StepFailed) as failure:
        environment.make("runtime", sys.executable)

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"apt-get install python{version}-venv" in str(failure.value)


def test_pip_alone_is_enough(checkout, monkeypatch):
    machine_with_only(monkeypatch, "pip")

    environment._make_venv(environment.VENV, sys.executable)
    installer = environment._installer(environment.VENV_PYTHON, "/usr/bin/python3")

    assert environment.VENV_PYTHON.is_file()
    assert installer[:4] == ["/usr/bin/python3", "-m", "pip", "--python"]


def test_the_members_are_on_the_path_and_a_second_start_installs_nothing(checkout, monkeypatch):
    environment.make("runtime", sys.executable)
    [listed] = environment.VENV.rglob("otsp_members.pth")
    written = listed.stat().st_mtime_ns
    monkeypatch.setattr(environment, "_run", pytest.fail)

    environment.make("runtime", sys.executable)

    assert listed.read_text() == f"{checkout}/one/src\n"
    assert listed.stat().st_mtime_ns == written, "who starts meanwhile would find it empty"


def test_of_two_commands_begun_at_once_one_makes_it_and_the_other_waits(checkout, monkeypatch):
    run, both, ran, failed = environment._run, threading.Barrier(2), [], []

    def noted(arguments, **how):
        ran.append(arguments)
        run(arguments, **how)

    def begin():
        both.wait()
        try:
            environment.make("runtime", sys.executable)
        except StepFailed as failure:
            failed.append(failure)

    monkeypatch.setattr(environment, "_run", noted)
    commands = [threading.Thread(target=begin) for _ in range(2)]
    for each in commands:
        each.start()
    for each in commands:
        each.join()

    assert failed == []
    assert len(ran) == 2  # made, installed


def test_a_changed_lock_is_installed(checkout):
    environment.make("runtime", sys.executable)
    before = environment.RUNTIME.stamp.read_text()
    (checkout / "requirements" / "runtime.lock").write_text("# changed\n")

    environment.make("runtime", sys.executable)

    assert environment.RUNTIME.stamp.read_text() != before


def test_the_development_environment_serves_the_runtime_too(checkout, monkeypatch):
    environment.make("dev", sys.executable)
    monkeypatch.setattr(environment, "_run", pytest.fail)

    environment.make("runtime", sys.executable)

    assert not environment.RUNTIME.stamp.exists()


def test_what_asks_for_other_versions_has_an_environment_of_its_own(checkout, monkeypatch):
    (checkout / "requirements" / "fuzz.lock").write_text("# nothing is needed\n")
    environment.make("dev", sys.executable)

    environment.make("fuzz", sys.executable)

    assert (environment.VENV / "fuzz" / "bin" / "python").is_file()
    assert not (environment.VENV / ".installed-fuzz").exists()
    monkeypatch.setattr(environment, "_run", pytest.fail)
    environment.make("fuzz", sys.executable)


def test_a_package_that_cannot_be_had_is_told_with_the_log(checkout):
    lock = checkout / "requirements" / "runtime.lock"
    lock.write_text("otsp-no-such==1 --hash=sha256:" + "0" * 64 + " --no-index\n")

    with pytest.raises(StepFailed) as failure:
        environment.make("runtime", sys.executable)

    assert "requirements/runtime.lock could not be installed" in str(failure.value)
    assert str(environment.LOG) in str(failure.value)
    assert not environment.RUNTIME.stamp.exists()


PIP = ["-m", "pip", "--python"]
UV = "uv==2 \\\n    --hash=sha256:bb\n    # via -r dev.in\n"


@pytest.fixture
def attempts(checkout, monkeypatch):
    """Installations as they are asked for; none is made, and those of uv fail when told so."""
    made = []

    def attempt(arguments, *, failed):
        words = [str(word) for word in arguments]
        made.append(words)
        if words[0] == str(environment.VENV / "bin" / "uv") and attempt.uv_fails:
            raise StepFailed(failed)
        if words[-1].endswith("uv.lock"):
            (environment.VENV / "bin" / "uv").touch()

    attempt.uv_fails = False
    attempt.made = made
    machine_with_only(monkeypatch, "pip")
    environment._make_venv(environment.VENV, sys.executable)
    monkeypatch.setattr(environment, "_run", attempt)
    lock = f"tzdata==1 \\\n    --hash=sha256:aa\n{UV}zz==3\n"
    (checkout / "requirements" / "dev.lock").write_text(lock)
    return attempt


def test_the_locks_own_uv_comes_first_and_brings_the_rest(attempts):
    environment._install(environment.DEV, sys.executable)

    first, second = attempts.made
    assert first[1:4] == PIP
    assert (environment.VENV / "uv.lock").read_text() == UV
    assert second[0] == str(environment.VENV / "bin" / "uv")


def test_pip_installs_what_the_locks_own_uv_does_not_find(attempts):
    attempts.uv_fails = True

    environment._install(environment.DEV, sys.executable)

    assert [words[1:4] for words in attempts.made[::2]] == [PIP] * 2
    assert environment.DEV.stamp.exists()


def test_what_stands_alone_leaves_the_environment_of_all_others_as_it_was(checkout):
    (checkout / "requirements" / "image.lock").write_text("# nothing is needed\n")
    environment.make("runtime", sys.executable)

    environment.make("image", sys.executable)

    assert (environment.VENV / "image" / "bin" / "python").is_file()
    assert (environment.VENV / "image" / ".installed-image").is_file()
    assert not (environment.VENV / ".installed-image").exists()
    assert environment.RUNTIME.stamp.exists()


@pytest.mark.parametrize("group", ["runtime", "dev", "bench", "mutants", "deploy", "embedded"])
def test_no_shared_lock_brings_what_makes_every_process_start_slowly(group):
    """With it, jsonschema builds a grammar of addresses at every start: 1.4 s of processor."""
    lock = (environment.ROOT / "requirements" / f"{group}.lock").read_text(encoding="utf-8")

    assert "\nrfc3987-syntax==" not in lock


def test_every_member_of_the_checkout_is_listed():
    root = environment.ROOT
    with (root / "pyproject.toml").open("rb") as file:
        listed = set(tomllib.load(file)["tool"]["mypy"]["mypy_path"])

    members = {
        f"$MYPY_CONFIG_FILE_DIR/{path.parent.relative_to(root)}/src"
        for pattern in ("*/pyproject.toml", "libs/*/pyproject.toml", "services/*/pyproject.toml")
        for path in root.glob(pattern)
    }
    assert members <= listed


def test_processes_keep_their_bytecode_where_a_machine_forbids_it_by_default():
    """Compiling a service at each start takes longer than all else that starting does."""
    kept = Path(importlib.util.cache_from_source(otsp.__file__)).with_name(
        f"__init__.{sys.implementation.cache_tag}.pyc"
    )
    kept.unlink(missing_ok=True)

    subprocess.run(
        [environment.ROOT / "dev", "otsp", "--help"],
        env={**inherited_environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=True,
    )

    assert kept.is_file()
