"""What several tests of the local platform need."""

import pytest

from otsp_local.processes import ProcessFolder


@pytest.fixture
def processes(tmp_path):
    folder = ProcessFolder(tmp_path / "run")
    yield folder
    folder.stop(folder.names(), seconds=5)
