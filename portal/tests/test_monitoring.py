"""What an SRE sees of pages."""

import pytest
from flask import Flask
from prometheus_client import REGISTRY

from otsp_portal.monitoring import watch


def failures():
    return REGISTRY.get_sample_value("otsp_http_failures_total", {"service": "portal"})


@pytest.fixture
def pages():
    app = Flask("watched")
    watch(app)
    app.add_url_rule("/good", "good", lambda: "")
    app.add_url_rule("/lost", "lost", lambda: ("", 503))
    return app.test_client()


def test_failures_are_counted_from_zero_on_and_refusals_are_not(pages):
    before = failures()

    for path in ("/good", "/lost", "/nowhere"):
        pages.get(path)

    assert before is not None
    assert failures() == before + 1
