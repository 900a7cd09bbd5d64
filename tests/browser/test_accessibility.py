"""axe-core and 360 pixels over the whole site: each role follows every kind of link that it meets.

A kind is an address without its ids: of the pages of a hundred people one is looked at. axe-core
judges the wide page; the narrow ones of a case, of lists and of courses are judged with their own
tests.
"""

from collections import deque
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Error
from werkzeug.exceptions import HTTPException

from otsp_portal.views import BLUEPRINTS
from otsp_testkit.pages import MOST_ROUNDS, rounds_told

ACCOUNTS = {
    "anyone": "",
    "inst_admin": "institution-C",
    "inst_admin under review": "institution-A",
    "reviewer": "reviewer-330106-education",
    "region_admin": "region_admin-330106-education",
    "national_admin": "national_admin",
    "auditor": "auditor",
    "operator": "operator",
}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 780}
GRAVE = {"serious", "critical"}
RUN = """async () => (await axe.run({resultTypes: ['violations'], iframes: false})).violations.map(
    each => ({id: each.id, impact: each.impact, at: each.nodes.map(n => n.target[0])}))"""
LINKS = "all => all.filter(a => !a.hasAttribute('download')).map(a => a.href)"


class Site:
    """The addresses of the portal, by their kinds."""

    def __init__(self):
        self.app = Flask("otsp_portal")
        for blueprint in BLUEPRINTS:
            self.app.register_blueprint(blueprint)
        self._addresses = self.app.url_map.bind("portal")

    def pages_of(self, role):
        for rule in self.app.url_map.iter_rules():
            if "GET" in rule.methods and not rule.arguments:
                access = getattr(self.app.view_functions[rule.endpoint], "otsp_access", ())
                if access == role or role in access:
                    yield rule.rule

    def kind_of(self, path):
        try:
            return self._addresses.match(path, method="GET", return_rule=True)[0].rule
        except HTTPException:
            return None


class Walk:
    """Somebody's way through the site, a page of each kind."""

    def __init__(self, page, base, site, *, judged):
        self.page, self.base, self.site, self.judged = page, base, site, judged
        self.axe = Axe().axe_script
        self.faults = {}

    def from_here(self, paths):
        waiting = deque(paths)
        while waiting:
            path = waiting.popleft()
            kind = self.site.kind_of(urlsplit(path).path)
            if kind is None or kind in self.judged:
                continue
            self.judged.add(kind)
            if self._open(path):
                waiting.extend(self._links())
                self._judge(path)

    def _open(self, path):
        self.page.set_viewport_size(WIDE)
        try:
            answer = self.page.goto(path)
        except Error as refusal:
            if "Download is starting" not in str(refusal):
                raise
            return False
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return False
        if answer.status >= 500:
            self.faults[path] = [answer.status]
        elif answer.status == 200:
            self._count_rounds(path, rounds_told(answer.headers))
        return answer.status == 200

    def _count_rounds(self, path, rounds):
        if rounds > MOST_ROUNDS:
            self.faults[path] = [f"waits for the API {rounds} times"]

    def _links(self):
        found = self.page.eval_on_selector_all("a[href]", LINKS)
        for link in found:
            if link.startswith(self.base):
                yield link.removeprefix(self.base).split("#")[0]

    def _judge(self, path):
        told = self._violations()
        self.page.set_viewport_size(NARROW)
        over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            told.append(f"{over} px too wide at 360")
        if told:
            self.faults.setdefault(path, []).extend(told)

    def _violations(self):
        self.page.evaluate(f"() => {{ if (!window.axe) {{ {self.axe} }} }}")
        return [
            f"{each['id']} at {each['at']}"
            for each in self.page.evaluate(RUN)
            if each["impact"] in GRAVE
        ]


@pytest.mark.timeout(1200)
def test_every_page_can_be_used_by_everybody_and_fits_a_phone(open_page, demo):
    site, judged, faults = Site(), set(), {}

    for role, account in ACCOUNTS.items():
        walk = Walk(open_page(account), demo.url, site, judged=judged)
        walk.from_here(["/", *sorted(site.pages_of(role.split()[0]))])
        faults |= {(role, path): told for path, told in walk.faults.items()}

    assert faults == {}
    assert judged >= {"/home", "/desk", "/desk/national", "/desk/audit", "/desk/ops"}
