"""人员管理 (manual 6): people created, edited, removed; leaving and coming back; found again."""

import re
import secrets

import pytest

from otsp_contracts.values.identity import cnid_check_digit


@pytest.fixture
def clerk(visitors):
    return visitors("institution-C")


def _number():
    """A citizen number that nobody has: of the region that is made up for samples."""
    first = f"33019919850607{secrets.randbelow(1000):03}"
    return first + cnid_check_digit(first)


def _person(name, **typed):
    return {
        "name": name,
        "sex": "F",
        "nationality": "CN",
        "id_type": "cnid",
        "id_no": _number(),
        "mobile": "138 0000 0077",
        "education": "bachelor",
        "staff_type": "management",
        "employment": "full_time",
        "hired_on": "20220301",
        "contract_signed": "true",
        "precheck_on": "2022年2月20日",
        "precheck_clear": "true",
        "annual_check_on": "2024-09-05",
        "annual_check_clear": "true",
    } | typed


def _faults(page):
    return re.findall(r'<li><a href="#f-[^"]*">([^<]*)', page.text)


def _new(clerk, name, **typed):
    """The list after somebody was created, and the address of their page."""
    page = clerk.get("/staff/new")
    done = clerk.send(page, "/staff/new", **_person(name, **typed))
    assert done.url.path == "/staff/employed", _faults(done)
    found = _search(clerk, q=name)
    return done, re.search(rf'<a href="(/staff/[0-9a-f-]{{36}})">{name}<', found.text)[1]


def _search(clerk, path="/staff/employed", **typed):
    return clerk.post(path, clerk.get(path), **typed)


def _name():
    return "试" + "".join(secrets.choice("东南西北春夏秋冬山川江河松竹梅兰") for _ in range(3))


def test_6_1_somebody_is_created_edited_and_deleted_and_the_deletion_undone(clerk, sound):
    name = _name()
    done, address = _new(clerk, name)
    assert "已保存。" in sound(done).texts

    page = clerk.get(address)
    sound(page)
    assert "330199********" in page.text or "330***********" in page.text
    saved = clerk.send(page, address, graduated_from="示例大学")
    assert saved.url.path == "/staff/employed", _faults(saved)
    edited = clerk.get(address)
    assert 'value="示例大学"' in edited.text
    assert re.search(r"已登记330\*+", edited.text), "the number that was left blank is gone"

    asked = clerk.get(f"{address}/removal")
    assert f"删除“{name}”？" in sound(asked).headings
    removed = clerk.send(asked, f"{address}/removal")
    assert f"已删除“{name}”。" in removed.text
    assert name not in _search(clerk, q=name).text.replace(f'value="{name}"', "")
    restored = clerk.undo(removed)
    assert "已撤销删除。" in sound(restored).texts
    assert f">{name}</a>" in _search(clerk, q=name).text


def test_6_1_6_2_somebody_leaves_and_comes_back(clerk, sound):
    name = _name()
    _, address = _new(clerk, name)

    asked = clerk.get(f"{address}/departure")
    assert f"把{name}转为离职？" in sound(asked).headings
    gone = clerk.send(asked, f"{address}/departure",
                      departed_on="2024-10-10", reason="resigned")  # fmt: skip
    assert gone.url.path == "/staff/departed", _faults(gone)
    assert f"{name}已转为离职。" in sound(gone).texts
    departed = _search(clerk, "/staff/departed", q=name)
    assert "2024-10-10 离职" in departed.text

    asked = clerk.get(f"{address}/reinstatement")
    early = {"hired_on": "2024-10-15", "contract_signed": "true", "precheck_clear": "true"}
    refused = clerk.send(asked, f"{address}/reinstatement", **early,
                         precheck_on="2024-10-01")  # fmt: skip
    sound(refused, 422)
    assert 'id="f-precheck_on-e1"' in refused.text
    assert 'value="2024-10-01"' in refused.text
    back = clerk.send(refused, f"{address}/reinstatement", **early,
                      precheck_on="2024-10-12")  # fmt: skip
    assert back.url.path == "/staff/employed", _faults(back)
    assert "以前的任职" in clerk.get(address).text


def test_who_leads_a_class_is_told_which_and_stays(clerk, sound):
    found = _search(clerk, q="卫甲")
    address = re.search(r'<a href="(/staff/[0-9a-f-]{36})">卫甲<', found.text)[1]

    asked = clerk.get(f"{address}/departure")
    assert "卫甲还在主讲1个班，请先更换授课教师" in sound(asked).texts
    class_page = re.search(r'href="(/courses/course/[^"]+/classes/[^"]+)"', asked.text)[1]
    assert "示例班K1-1" in sound(clerk.get(class_page)).headings[0]
    refused = clerk.send(asked, f"{address}/departure",
                         departed_on="2024-10-10", reason="resigned")  # fmt: skip

    page = sound(refused, 422)
    assert page.title.startswith("错误：")
    assert any("请先在课程管理中更换其授课教师" in each for each in page.texts)
    assert 'value="2024-10-10"' in refused.text


def test_people_are_found_by_name_and_sound_and_nothing_of_it_is_in_the_address(clerk, sound):
    name = _name()
    _new(clerk, name)

    for typed in (name, name[1:3], name[0] + name[1]):
        found = _search(clerk, q=typed)
        sound(found)
        assert f">{name}</a>" in found.text
        assert "蒋乙" not in found.text
        assert found.url.query == b""
        assert found.url.path == "/staff/employed"
    none = sound(_search(clerk, q="查无此人"))
    assert "没有符合条件的记录。可以减少条件，或清除筛选。" in none.texts


def test_people_are_found_by_their_whole_number_which_the_list_masks(clerk, sound):
    name, number = _name(), _number()
    _new(clerk, name, id_no=number)

    found = _search(clerk, number=f"{number[:6]} {number[6:14]} {number[14:]}")

    assert f">{name}</a>" in found.text
    assert "此次查找已记录" in found.text
    assert f">{number}<" not in found.text
    sound(found)


def test_people_are_narrowed_by_kind_employment_and_what_is_due(clerk, sound):
    due = _search(clerk, check_due="precheck")
    managers = _search(clerk, staff_type="management", employment="full_time")
    every = _search(clerk, check_due="any", sort="name")

    assert "蒋乙" in due.text
    assert "褚示例" not in due.text
    assert "褚示例" in managers.text
    assert "蒋乙" not in managers.text
    assert "蒋乙" in every.text
    assert 'value="precheck" selected' in due.text
    for each in (due, managers, every):
        sound(each)


def test_whoever_something_is_due_of_stands_first(clerk):
    listed = clerk.get("/staff/employed").text

    assert listed.index(">蒋乙</a>") < listed.index(">卫甲</a>")
    row = listed[listed.index(">蒋乙</a>") :].split("</tr>")[0]
    assert "未登记" in row
    assert "招用前未查询" in row


def test_all_faults_stand_at_their_fields_and_nothing_typed_is_lost(clerk, sound):
    page = clerk.get("/staff/new")
    typed = _person("误填的人", id_no="330199198506079910", hired_on="2024-02-30",
                    contract_from="2024-05-01", contract_to="2024-04-01")  # fmt: skip

    refused = clerk.send(page, "/staff/new", **typed)

    assert sound(refused, 422).title.startswith("错误：")
    for field in ("id_no", "hired_on", "contract_to"):
        assert f'id="f-{field}-e1"' in refused.text, field
    for value in ("误填的人", "330199198506079910", "2024-02-30", "2024-04-01", "138 0000 0077"):
        assert f'value="{value}"' in refused.text


def test_numbers_are_shown_on_a_page_that_hides_them_again(clerk, sound):
    name, number = _name(), _number()
    _, address = _new(clerk, name, id_no=number)

    asked = clerk.get(f"{address}/secrets")
    sound(asked)
    assert number not in asked.text
    shown = clerk.send(asked, f"{address}/secrets")

    sound(shown)
    assert number in shown.text
    assert "13800000077" in shown.text
    assert number not in str(shown.url)
    assert number not in sound(shown).title
    assert f'content="30;url={address}"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_requests_of_persons_are_listed_by_state(clerk, sound):
    sound(clerk.get("/staff/corrections?state=open"))
    assert clerk.get("/staff/corrections/00000000-0000-7000-8000-000000000000").status_code == 404
