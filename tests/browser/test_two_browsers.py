"""Two people at once, each in a browser of their own: nobody's text is lost, everybody is told."""

import re

import pytest


@pytest.fixture
def two_clerks(open_page):
    return open_page("institution-C"), open_page("institution-C")


def _with_value(page, name, value):
    page.goto("/institution/party")
    page.fill(f"[name={name}]", value)


def _save(page):
    page.locator(".form-foot button[type=submit]").first.click()


def test_who_saves_one_form_too_late_sees_both_versions_and_chooses(two_clerks):
    first, second = two_clerks
    _with_value(first, "member_count", "7")
    _with_value(second, "member_count", "9")
    second.fill("[name=probationary_count]", "4")

    _save(first)
    first.wait_for_url("**/institution/party")
    _save(second)

    compared = second.locator("table.diff")
    assert "另一处" in second.locator("main").inner_text()
    assert "7" in compared.inner_text()
    assert "9" in compared.inner_text()
    assert second.input_value("[name=probationary_count]") == "4"

    _save(second)

    second.goto("/institution/party")
    assert second.input_value("[name=member_count]") == "9"
    assert second.input_value("[name=probationary_count]") == "4"


def _at_the_letter(page, school, *, choice, reason):
    """From the list of registrations to the letter that is about to be sent."""
    page.goto("/desk/registrations")
    page.get_by_role("link", name=school.name).first.click()
    page.check(f"[name=choice][value={choice}]")
    page.get_by_role("button", name="下一步").click()
    page.fill("[name=reason]", reason)
    page.get_by_role("button", name="下一步").click()
    assert reason in page.locator(".letter").inner_text()


def _send(page):
    page.get_by_role("button", name="发出决定").click()


def test_of_two_who_decide_one_case_one_wins_and_the_other_is_told(open_page, registering):
    reviewer = open_page("reviewer-330106-education")
    head = open_page("region_admin-330106-education")
    _at_the_letter(reviewer, registering, choice="approve", reason="资料齐全，同意注册。")
    _at_the_letter(head, registering, choice="return", reason="注册地址与证照不一致。")

    _send(reviewer)
    _send(head)

    assert "决定已发出" in reviewer.locator(".flash").inner_text()
    told = head.locator(".errsum").inner_text()
    assert re.search(r"此案刚由西湖区教育局于\d+年\d+月\d+日作出决定：审核通过", told)
    assert head.input_value("[name=reason]") == "注册地址与证照不一致。"
    head.goto("/desk/registrations?tab=done")
    head.get_by_role("link", name=registering.name).first.click()
    assert "审核通过" in head.locator("#decide").inner_text()
