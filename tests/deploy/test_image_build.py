"""What `./dev image` asks an engine for, before a client that notes it down."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from otsp_local.console import StepFailed
from otsp_local.engine import Engine
from otsp_local.image import SERVERS, build_image, build_servers

INDEX = "https://somebody:secret@pypi.example.org/simple"
CLIENT = """#!/bin/sh
echo "$@" >> {folder}/calls
for word in "$@"; do
    case "$word" in id=index_url,src=*) cat "${{word#id=index_url,src=}}" > {folder}/index ;; esac
done
case "$*" in
    *"{{{{.Size}}}} otsp:"*) echo {size} ;;
    *"{{{{.Size}}}}"*) echo 100000000 ;;
    "image inspect otsp-base"*) exit {has_base} ;;
    "image inspect"* | pull*) exit 1 ;;
esac
"""


@dataclass
class Noted:
    """An engine whose client only notes down."""

    engine: Engine
    folder: Path

    @property
    def builds(self):
        return [line for line in self.calls if line.startswith("build ")]

    @property
    def calls(self):
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def noted(tmp_path, monkeypatch):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    certificates = tmp_path / "ca.pem"
    certificates.write_text("certificates", encoding="utf-8")
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))

    def make(*, size=400_000_000, has_base=True):
        client = tmp_path / "docker"
        text = CLIENT.format(folder=tmp_path, size=size, has_base=int(not has_base))
        client.write_text(text, encoding="utf-8")
        client.chmod(0o755)
        return Noted(Engine(str(client), "unix:///nowhere.sock"), tmp_path)

    return make


def test_index_and_certificates_are_lent_as_secrets_and_stand_in_no_argument(noted):
    client = noted()

    build_image(client.engine)

    (build,) = client.builds
    assert (client.folder / "index").read_text(encoding="utf-8") == INDEX
    assert f"--secret id=ca,src={client.folder / 'ca.pem'}" in build
    assert "secret@" not in build


def test_a_proxy_is_told_by_names_that_stay_out_of_the_history(noted, monkeypatch):
    client = noted()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")

    build_image(client.engine)

    assert "--build-arg https_proxy=http://proxy.example.org:3128" in client.builds[0]


def test_an_image_that_grew_too_large_is_refused(noted):
    client = noted(size=550_000_001)

    with pytest.raises(StepFailed, match="450 MB"):
        build_image(client.engine)


def test_a_named_base_is_taken_without_asking_for_another(noted):
    client = noted()

    base = build_image(client.engine, "otsp:x", "debian:trixie-slim")

    assert base == "debian:trixie-slim"
    assert "BASE_IMAGE=debian:trixie-slim" in client.builds[0]
    assert not [call for call in client.calls if call.startswith("pull")]


def test_a_base_that_was_made_before_is_taken_again(noted):
    client = noted()

    base = build_image(client.engine)

    assert base.startswith("otsp-base:")


def test_servers_are_built_on_the_same_base(noted):
    client = noted()

    build_servers(client.engine, "debian:bookworm-slim")

    assert len(client.builds) == len(SERVERS)
    for target, build in zip(SERVERS, client.builds, strict=True):
        assert f"--target {target} --tag otsp-{target}:dev" in build
        assert "BASE_IMAGE=debian:bookworm-slim" in build


def test_a_build_that_fails_shows_its_end(noted):
    client = noted()
    script = Path(client.engine.client)
    script.write_text('#!/bin/sh\n[ "$1" != build ] || { echo no space left; exit 1; }\n')

    with pytest.raises(StepFailed, match="no space left"):
        build_image(client.engine, base="debian:bookworm-slim")
