"""Every view says who may open it."""

import inspect
from functools import cache

import pytest
from flask import Flask

from otsp_portal.access import ALL
from otsp_portal.views import BLUEPRINTS


@cache
def _views():
    app = Flask("otsp_portal")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return {name: view for name, view in app.view_functions.items() if name != "static"}


@pytest.mark.parametrize("name", sorted(_views()))
def test_view_says_who_may_open_it(name):
    access = getattr(_views()[name], "otsp_access", None)

    assert access == "anyone" or set(access or {"nobody"}) <= set(ALL)


def test_permission_is_the_decorator_next_to_the_function():
    for name, view in _views().items():
        source = inspect.getsource(inspect.unwrap(view))
        decorators = source[: source.index("def ")].split("@")[1:]

        assert decorators[-1].startswith("access."), name
