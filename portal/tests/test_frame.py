"""The frame and the components as HTML; how they look and behave is tried in a browser."""

import re

PAGE = """{% extends "base.html" %}{% block title %}后台首页{% endblock %}
{% block main %}<h1>后台首页</h1>{% endblock %}"""
MAX_SCRIPT_LINES = 300


def test_a_page_has_its_landmarks_and_names_itself_first(render, institution, today):
    page = render(PAGE, person=institution, nav="staff", nav_counts={"staff": 2}, demo_date=today)

    assert "<title>后台首页 - 校外教育培训监管与服务综合平台</title>" in page
    assert [
        page.count(f"<{mark}") for mark in ("main", "header", "nav", "footer", "h1", "aside")
    ] == [1] * 6
    assert (
        page.index('class="skip"')
        < page.index("<aside")
        < page.index("<header")
        < page.index("<nav")
        < page.index("<main")
    )
    assert "2024-10-15" in page
    assert "（星期二）" in page
    assert 'aria-label="消息，3条未读"' in page


def test_the_rail_of_an_institution_is_that_of_the_manual(render, institution):
    page = render(
        PAGE, person=institution, nav="staff", nav_counts={"staff": 2}, path="/staff/employed"
    )
    rail = page[page.index("<nav") : page.index("</nav>")]

    assert re.findall(r'<a href="(/[^"]*)"', rail)[:9] == [
        "/home", "/institution/basic", "/funds/fees", "/staff/employed", "/materials", "/courses",
        "/apply", "/history", "/settings/profile",
    ]  # fmt: skip
    assert re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', rail) == [
        ("/staff/employed", "page")
    ]
    assert '2<span class="visually-hidden">项待改</span>' in rail
    assert "武侯区教育局" in rail


def test_each_role_is_shown_what_it_may_open(render, reviewer):
    def rail(role):
        reviewer.role = role
        page = render(PAGE, person=reviewer)
        return set(re.findall(r'<li><a href="(/desk[^"]*)"', page))

    assert rail("region_admin") > rail("reviewer") > {"/desk", "/desk/registrations", "/desk/stats"}
    assert rail("auditor") == {"/desk/audit"}
    assert rail("operator") == {"/desk/ops"}
    assert "/desk/national" in rail("national_admin")
    assert "/desk/recoveries" not in rail("reviewer")


def test_who_is_not_logged_in_is_shown_the_open_pages(render):
    page = render(PAGE)

    assert 'href="/login"' in page
    assert 'href="/whitelist"' in page
    assert "/logout" not in page
    assert "data-session-expires" not in page
    assert 'id="idle"' not in page


def test_large_type_is_switched_by_a_form(render):
    assert '<html lang="zh-CN" data-bs-theme="light" data-type="large">' in render(
        PAGE, type_is_large=True
    )
    assert 'name="type" value="normal"' in render(PAGE, type_is_large=True)
    assert 'name="type" value="large"' in render(PAGE)


def test_every_post_form_carries_its_token(render, institution):
    page = render(PAGE, person=institution)

    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL)
    assert len(forms) == 4
    assert all('name="csrf_token" value="' in form for form in forms)


def test_news_of_the_last_action_are_told_first_and_focused(render):
    page = render("{{ flash_now() or '' }}" + PAGE, flash_now=_flash_twice)

    assert page.count("autofocus") == 1
    assert page.index("已保存。") < page.index("&lt;草稿&gt;") < page.index("<h1>")
    assert '<div class="note ok">' in page


def test_pages_carry_no_inline_style_or_script(package):
    for file in package.rglob("*.html"):
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|<style", source), file.name
        assert re.findall(r"<script(?! type=\"module\" src=)", source) == [], file.name


def test_addresses_of_static_files_name_their_content(render, frame):
    links = re.findall(r'(?:href|src)="([^"]+\?v=[0-9a-f]{12})"', render(PAGE))

    assert {link.split("?")[0].rsplit("/", 1)[1] for link in links} >= {
        "bootstrap.min.css",
        "portal.css",
        "portal.js",
    }
    for link in links:
        with frame.test_client().get(link) as answer:
            assert answer.status_code == 200


def test_every_script_is_loaded_and_they_are_few(render, package):
    scripts = sorted((package / "static").glob("*.js"))

    assert (
        sum(script.read_text(encoding="utf-8").count("\n") for script in scripts)
        <= MAX_SCRIPT_LINES
    )
    assert set(re.findall(r"/static/(\w+\.js)", render(PAGE))) == {
        script.name for script in scripts
    }


def test_scripts_ask_for_words_that_the_frame_hands_them(render, package):
    handed = set(
        re.findall(r'<template id="words" ([^>]*)>', render(PAGE))[0]
        .replace("data-", "")
        .split('"')[::2]
    )
    names = {
        re.sub(r"-(\w)", lambda m: m[1].upper(), name.strip(" ="))
        for name in handed
        if name.strip()
    }
    scripts = "\n".join(
        file.read_text(encoding="utf-8") for file in (package / "static").glob("*.js")
    )

    assert set(re.findall(r"\bwords\.(\w+)", scripts)) == names
    assert not re.search(r"[\u4e00-\u9fff]", scripts)


def test_scripts_use_nothing_newer_than_the_browsers_of_offices(package):
    for script in (package / "static").glob("*.js"):
        source = script.read_text(encoding="utf-8")
        assert not re.search(
            r"toSorted|toSpliced|toReversed|findLast|\.with\(|structuredClone|\.at\(|innerHTML|eval",
            source,
        )


def test_a_table_keeps_its_meaning_as_cards(render):
    page = render(
        '{% from "components/macros.html" import table, row, row_head, cell %}'
        '{% call table("人员", ["姓名", ("金额", "num"),'
        ' ("日期", "", "ascending", "?sort=-day")]) %}'
        '{% call row() %}{{ row_head("蒋乙", "/staff/1") }}{{ cell("金额", "1.00元", num=True) }}'
        "{{ cell('日期', '<b>') }}{% endcall %}{% endcall %}"
    )

    roles = re.findall(r'role="(\w+)"', page)
    assert roles == [
        "table",
        "rowgroup",
        "row",
        *["columnheader"] * 3,
        "rowgroup",
        "row",
        "rowheader",
        "cell",
        "cell",
    ]
    assert 'data-l="金额"' in page
    assert 'aria-sort="ascending"' in page
    assert "&lt;b&gt;" in page


def test_what_is_not_known_is_a_dash_in_a_table_and_nothing_elsewhere(render):
    macros = '{% from "components/macros.html" import cell, row_action %}'
    asked = '{{ cell("名称", name) }}|{{ row_action("编辑", name, "/x") }}|{{ name }}'

    shown = render(macros + asked, name=None)

    assert "None" not in shown
    assert shown.startswith('<td role="cell" data-l="名称" class="">—</td>|')
    assert shown.endswith("|")


def test_the_pager_is_links_or_buttons_of_its_form(render):
    pager = '{% from "components/macros.html" import pager %}'

    links = render(pager + '{{ pager("共8人", None, "?after=x") }}')
    buttons = render(pager + '{{ pager("共8人", "p", "n", form="filters") }}')

    assert '<a class="btn btn-sm btn-outline-secondary" href="?after=x">下一页</a>' in links
    assert 'aria-disabled="true">上一页' in links
    assert re.findall(r'form="filters" name="cursor" value="(\w)"', buttons) == ["p", "n"]


def _flash_twice():
    from flask import flash

    flash("已保存。", "ok")
    flash("<草稿>")
