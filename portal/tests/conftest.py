from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

import otsp_portal
from otsp_portal import displays, formatters

PACKAGE = Path(otsp_portal.__file__).parent


@pytest.fixture
def package():
    return PACKAGE


@pytest.fixture
def frame():
    """An application with the templates, the words and nothing else: no views, no gateway."""
    app = Flask("otsp_portal", static_folder=PACKAGE / "static", root_path=str(PACKAGE))
    app.config.update(
        SECRET_KEY="only for tests", BOOTSTRAP_SERVE_LOCAL=True, WTF_CSRF_HEADERS=["CSRF-Token"]
    )
    Bootstrap5(app)
    CSRFProtect(app)
    formatters.install(app)
    displays.install(app)
    return app


@pytest.fixture
def render(frame):
    """Render template text as a page would be, told what every page is told."""

    def made(source, *, path="/", **context):
        told = {"person": None, "nav": None, "demo_date": None, "help_chapter": None}
        told |= {"request_id": "01JB7Q2M4K", "type_is_large": False, "session_seconds": None}
        with frame.test_request_context(path):
            return render_template_string(source, **(told | context))

    return made


@pytest.fixture
def reviewer():
    return SimpleNamespace(
        role="reviewer",
        display_name="林审核",
        institution_id=None,
        is_institution=False,
        authority_name="西湖区教育局",
        unread=None,
    )


@pytest.fixture
def institution():
    return SimpleNamespace(
        role="inst_admin",
        display_name="成都示例青禾艺术培训有限公司",
        institution_id="0192",
        is_institution=True,
        authority_name="武侯区教育局",
        unread=3,
    )


@pytest.fixture
def today():
    return date(2024, 10, 15)
