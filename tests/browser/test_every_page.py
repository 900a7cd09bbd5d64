"""Every page that has no id in its path: sound for those it is for, closed to all others."""

import pytest
from flask import Flask

from otsp_portal.access import ALL
from otsp_portal.views import BLUEPRINTS

ACCOUNTS = {
    "inst_admin": "institution-C",
    "reviewer": "reviewer-330106-education",
    "region_admin": "region_admin-330106-education",
    "national_admin": "national_admin",
    "auditor": "auditor",
    "operator": "operator",
}


def _pages():
    app = Flask("otsp_portal")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and rule.endpoint != "static":
            yield rule.rule, app.view_functions[rule.endpoint].otsp_access


PAGES = sorted(set(_pages()))


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize(("path", "access"), PAGES, ids=[path for path, _ in PAGES])
def test_page_is_sound_for_whom_it_is_for_and_closed_to_others(visitors, sound, path, access, role):
    answer = visitors(ACCOUNTS[role]).get(path)

    is_open = access == "anyone" or role in access
    assert answer.status_code == (200 if is_open else 403)
    if not is_open or answer.headers["Content-Type"].startswith("text/html"):
        sound(answer, answer.status_code)


@pytest.mark.parametrize(("path", "access"), PAGES, ids=[path for path, _ in PAGES])
def test_nobody_is_sent_to_the_login(visitors, sound, path, access):
    answer = visitors().get(path)

    assert answer.status_code == 200
    assert access == "anyone" or answer.url.path == "/login"
    if answer.headers["Content-Type"].startswith("text/html"):
        sound(answer)
