"""Without a mouse: login, the wizard's first step, filing. Whatever has the focus shows it."""

import pytest

from otsp_testkit.pages import numbered

MANY = 120
FOCUSED = """selector => {
    const it = document.activeElement
    const style = getComputedStyle(it)
    return {
        there: it.matches(selector),
        visible: it === document.body || it.id === 'main' || parseFloat(style.outlineWidth) >= 2,
        what: it.outerHTML.slice(0, 120),
    }
}"""


class Keys:
    """A keyboard and nothing else."""

    def __init__(self, page):
        self.page = page

    def to(self, selector):
        """Tab on until it has the focus."""
        for _ in range(MANY):
            self.page.keyboard.press("Tab")
            told = self.page.evaluate(FOCUSED, selector)
            assert told["visible"], told["what"]
            if told["there"]:
                return self
        pytest.fail(f"{selector} cannot be reached on {self.page.url}")

    def type(self, text):
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        return self

    def press(self, key):
        self.page.keyboard.press(key)
        return self

    def enter(self):
        """Press it and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self


def test_somebody_logs_in_and_out(open_page, demo):
    page = open_page("")
    page.goto("/login")
    keys = Keys(page)
    username, password = demo.account("institution-C")

    page.evaluate("document.activeElement.blur()")
    keys.to("a.skip").press("Enter")
    keys.to("[name=username]").type(username)
    keys.to("[name=password]").type("falsch-12345")
    keys.enter()
    assert page.evaluate("document.activeElement.className") == "errsum"
    keys.to("[name=password]").type(password)
    keys.enter()
    assert page.url.endswith("/home")

    keys.to("form[action='/logout'] button").enter()
    assert page.url.endswith("/login")


def test_a_clerk_fills_in_the_first_step_of_the_wizard(open_page):
    page = open_page("institution-C")
    keys = Keys(page)
    name = numbered("键盘教学点")

    page.goto("/courses")
    keys.to("main a[href='/courses/new/site/host']").enter()
    keys.to("[name=name]").type(name)
    keys.to("[name=region_code]").type("330106")
    keys.to("[name=address]").type("示范街8号2楼")
    keys.to("[name=teaching_area_centi_m2]").type("180")
    keys.to("[name=lease_from]").type("去年")
    keys.to("main [type=submit]:not([name=_back])").enter()
    assert page.evaluate("document.activeElement.className") == "errsum"
    keys.to(".errsum a").press("Enter")
    assert page.evaluate("document.activeElement.name") == "lease_from"
    keys.type("2024-01-01")
    keys.to("main [type=submit]:not([name=_back])").enter()

    assert page.url.endswith("/course")
    page.goto("/courses")
    assert name in page.locator("main").inner_text()


def test_a_clerk_checks_and_files_and_goes_to_what_must_be_cured(open_page):
    page = open_page("institution-B")
    keys = Keys(page)

    page.goto("/apply")
    keys.to("main a[href='/apply/check']").enter()
    keys.to("main button[type=submit]").enter()
    page.wait_for_url("**/result", timeout=120_000)

    assert "必须整改" in page.locator("main").inner_text()
    keys.to("main .finding a").enter()
    assert "/apply/" not in page.url
