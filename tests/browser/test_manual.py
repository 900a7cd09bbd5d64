"""The manual, section by section, as a clerk does it in Chromium: wide with scripts, and on a phone
without them.
"""

import re
import secrets
from contextlib import ExitStack
from functools import cache

import httpx
import pytest

from otsp_chassis.ids import new_id
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.registration import Registrar
from otsp_contracts.values import uscc_check_digit
from otsp_contracts.values.identity import cnid_check_digit, organisation_check_digit

WAYS = [
    pytest.param(1280, True, id="1280-scripts"),
    pytest.param(360, False, id="360-no-scripts"),
]
CLERK = "institution-C"
PDF = {
    "name": "扫描件.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
}
NAMES = "东南西北春夏秋冬山川江河松竹梅兰"


class Clerk:
    """Somebody at a browser: types into fields, presses buttons, follows links by their words."""

    def __init__(self, page):
        self.page = page

    def open(self, path):
        self.page.goto(path)
        self._fits()

    def type(self, **typed):
        for name, value in typed.items():
            control = self.page.locator(f'main [name="{name}"]')
            kind = control.first.evaluate("each => each.type")
            if kind in ("radio", "checkbox"):
                self.page.check(f'main [name="{name}"][value="{value}"]')
            elif kind == "select-one":
                control.select_option(value)
            elif kind == "file":
                control.set_input_files(value)
            else:
                control.fill(value)

    def press(self, words):
        self.page.locator("main").get_by_role("button", name=words, exact=True).first.click()
        self._fits()

    def follow(self, words, *, inside="main"):
        self.page.locator(inside).get_by_role("link", name=words).first.click()
        self._fits()

    def row(self, words):
        """The row of a table that tells these words."""
        return f'main tr:has-text("{words}")'

    @property
    def said(self):
        return self.page.locator("main").inner_text()

    @property
    def path(self):
        return "/" + self.page.url.split("/", 3)[3]

    def _fits(self):
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.page.viewport_size["width"], self.page.url


@pytest.fixture
def somebody(open_page, width, scripts):
    """Who has no account yet."""
    return Clerk(open_page("", width, scripts=scripts))


@pytest.fixture(scope="module")
def clerks(chromium, demo):
    """Each way of looking at the site → somebody who has been logged in that way all along."""
    with ExitStack() as contexts:

        def logged_in(width, scripts):
            context = chromium.new_context(
                base_url=demo.url,
                viewport={"width": width, "height": 900},
                java_script_enabled=scripts,
                locale="zh-CN",
            )
            contexts.callback(context.close)
            somebody = Clerk(context.new_page())
            username, password = demo.account(CLERK)
            somebody.open("/login")
            somebody.type(username=username, password=password)
            somebody.press("立即登录")
            return somebody

        yield cache(logged_in)


@pytest.fixture
def clerk(clerks, width, scripts):
    return clerks(width, scripts)


@pytest.fixture
def registered(gateway_url):
    """An account of nobody's institution yet."""
    with Gateway.at(gateway_url) as gateway:
        return Registrar(gateway).register()


@pytest.fixture
def code_sent(gateway_url):
    """The code that was texted to a number last."""

    def read(mobile):
        path = f"{gateway_url}/api/auth/v1/development/messages"
        items = httpx.get(path, params={"mobile": mobile}, timeout=30).json()["items"]
        codes = [found[0] for each in items if (found := re.search(r"\d{6}", each["text"]))]
        return codes[0]

    return read


def _name(first):
    return first + "".join(secrets.choice(NAMES) for _ in range(4))


def _mobile():
    return f"199{secrets.randbelow(10**8):08d}"


def _uscc():
    body = "MJH" + "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(5))
    first = "52330106" + body + organisation_check_digit(body)
    return first + uscc_check_digit(first)


def _id_no():
    first = f"33019919850607{secrets.randbelow(1000):03}"
    return first + cnid_check_digit(first)


def _grouped(number):
    """As people write it down."""
    return " ".join(re.findall(".{1,4}", number))


each_way = pytest.mark.parametrize(("width", "scripts"), WAYS)


@each_way
def test_2_1_an_account_is_activated_and_its_institution_handed_in(somebody, code_sent):
    mobile, name = _mobile(), _name("杭州示例")
    somebody.open("/")
    somebody.follow("登录")
    somebody.follow("注册")
    somebody.type(mobile=f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}")
    somebody.press("获取验证码")
    somebody.type(code=code_sent(mobile), password="Xihu-2026-peixun", person_name="周示例")
    somebody.press("激活账号")

    assert somebody.path == "/register/institution"
    somebody.type(
        name=f"{name}培训学校",
        uscc=_grouped(_uscc()),
        region_code="浙江省杭州市西湖区",
        registered_address="示范街8号2楼",
        legal_nature="nonprofit",
    )
    somebody.press("保存并下一步")
    assert somebody.path == "/register/check"
    assert f"{name}培训学校" in somebody.said
    somebody.press("提交审核")
    assert somebody.page.title().startswith("错误：")

    somebody.follow("修改")
    somebody.type(
        categories="nonsubject",
        nonsubject_types="culture_arts",
        delivery_modes="offline",
        stages="primary",
        primary_nonsubject_type="culture_arts",
        has_licence="false",
    )
    somebody.type(
        **{
            "legal_rep.name": "沈示例",
            "legal_rep.id_type": "cnid",
            "legal_rep.id_no": _id_no(),
            "legal_rep.mobile": "13800000001",
            "contact.name": "周示例",
            "contact.mobile": "13800000002",
        }
    )
    somebody.press("保存并下一步")
    assert somebody.path == "/register/check", somebody.said
    somebody.press("提交审核")
    assert somebody.path == "/register/progress", somebody.said
    assert "主管部门正在审核" in somebody.said


@each_way
def test_2_2_2_4_somebody_logs_in_and_out_again(somebody, registered):
    somebody.open("/")
    somebody.follow("登录")
    somebody.type(username=registered.username, password="Wrong-password-1")
    somebody.press("立即登录")
    assert "用户名或密码不正确" in somebody.said
    somebody.type(username=registered.username, password=registered.password)
    somebody.press("立即登录")
    assert somebody.path == "/register/progress"

    if somebody.page.is_visible(".nav-open"):
        somebody.page.click(".nav-open")
    somebody.page.locator("form[action='/logout'] button:visible").click()
    assert somebody.path == "/login"
    somebody.open("/settings/profile")
    assert somebody.path.startswith("/login")


@each_way
def test_2_3_a_forgotten_password_is_set_anew_by_the_mobile(somebody, registered, code_sent):
    somebody.open("/login")
    somebody.follow("忘记密码")
    somebody.type(mobile=registered.username)
    somebody.press("获取验证码")
    somebody.type(code=code_sent(registered.username), new_password="Xihu-2027-peixun")
    somebody.press("设置新密码")

    assert somebody.path == "/login"
    somebody.type(username=registered.username, password="Xihu-2027-peixun")
    somebody.press("立即登录")
    assert somebody.path == "/register/progress"


@each_way
def test_2_5_2_7_password_and_personal_information_are_changed(somebody, registered):
    somebody.open("/login?next=/settings/profile")
    somebody.type(username=registered.username, password=registered.password)
    somebody.press("立即登录")
    somebody.open("/settings/profile")
    somebody.type(
        person_name="周示例",
        contact_tel="0571-00000000",
        postcode="３１００１３",
        contact_address="示范街8号",
    )
    somebody.press("保存")
    assert somebody.page.input_value("[name=postcode]") == "310013"

    somebody.follow("修改密码")
    changed = {"new_password": "Xihu-2027-peixun", "new_password_confirmation": "Xihu-2027-peixun"}
    somebody.type(current_password="not-the-one-1", **changed)
    somebody.press("保存")
    assert somebody.page.title().startswith("错误：")
    somebody.type(current_password=registered.password, **changed)
    somebody.press("保存")
    assert "密码已修改，请用新密码登录" in somebody.said
    somebody.type(username=registered.username, password="Xihu-2027-peixun")
    somebody.press("立即登录")
    assert "/login" not in somebody.path


@each_way
def test_3_home_tells_where_things_stand_and_leads_on(clerk):
    clerk.open("/home")
    assert "审核状态" in clerk.said
    for words, path in (("合规申请", "/apply"), ("注销申请", "/deregister")):
        clerk.open("/home")
        clerk.follow(words)
        assert clerk.path.startswith(path)


@each_way
@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/institution/basic", {"website": "https://school-{}.example"}),
        ("/institution/licence", {"address_on_licence": "示范街{}号"}),
        ("/institution/party", {"parent_org": "示例街道党工委{}"}),
        ("/funds/supervision", {"bank_branch": "示例支行{}"}),
        ("/funds/account", {"bank_branch": "示例支行{}"}),
        ("/funds/contract", {"local_template_name": "示例合同{}"}),
    ],
    ids=lambda value: value.strip("/").replace("/", "-") if isinstance(value, str) else "",
)
def test_4_5_a_section_is_read_changed_and_read_again(clerk, path, typed):
    number = secrets.randbelow(10**6)
    ((name, value),) = typed.items()
    clerk.open(path)
    clerk.type(**{name: value.format(number)})
    clerk.press("保存")

    assert "已保存" in clerk.said
    clerk.open(path)
    assert clerk.page.input_value(f"[name={name}]") == value.format(number)


@each_way
@pytest.mark.parametrize(
    ("listed", "new", "typed", "named"),
    [
        ("/institution/certificates", "新增机构证照",
         {"cert_type": "other", "is_primary": "false", "cert_no": "示例{}",
          "scan_file_id.file": PDF}, "示例{}"),
        ("/institution/documents", "新增其他资料",
         {"doc_type": "other", "title": "示例{}", "file_id.file": PDF}, "示例{}"),
        ("/funds/fees", "新增收费项目",
         {"name": "示例{}", "charge_mode": "lesson", "lesson_count": "48",
          "amount_fen": "１，９２０"}, "示例{}"),
    ],
    ids=["certificates", "documents", "fees"],
)  # fmt: skip
def test_4_5_one_of_many_is_created_edited_and_deleted(clerk, listed, new, typed, named):
    number = str(secrets.randbelow(10**6))
    clerk.open(listed)
    clerk.follow(new)
    clerk.type(
        **{
            name: value.format(number) if isinstance(value, str) else value
            for name, value in typed.items()
        }
    )
    clerk.press("保存")

    row = clerk.row(named.format(number))
    clerk.follow("编辑", inside=row)
    changed = next(name for name, value in typed.items() if value == named)
    clerk.type(**{changed: named.format(f"{number}改")})
    clerk.press("保存")
    clerk.follow("删除", inside=clerk.row(named.format(f"{number}改")))
    clerk.press("删除")
    assert clerk.page.locator(clerk.row(named.format(number))).count() == 0


@each_way
def test_6_somebody_is_created_edited_leaves_comes_back_and_is_deleted(clerk):
    name = _name("试")
    clerk.open("/staff/employed")
    clerk.follow("创建在职人员")
    clerk.type(
        name=name,
        sex="F",
        id_type="cnid",
        id_no=_grouped(_id_no()),
        staff_type="management",
        employment="full_time",
        hired_on="20220301",
        contract_signed="true",
        precheck_on="2022年2月20日",
        precheck_clear="true",
    )
    clerk.press("保存")
    _find(clerk, name)
    clerk.follow("编辑", inside=clerk.row(name))
    clerk.type(graduated_from="示例大学")
    clerk.press("保存")
    _find(clerk, name)
    clerk.follow("转离职", inside=clerk.row(name))
    clerk.type(departed_on="2024-10-10", reason="resigned")
    clerk.press("转离职")

    assert clerk.path == "/staff/departed"
    _find(clerk, name)
    clerk.follow("转在职", inside=clerk.row(name))
    clerk.type(
        hired_on="2024-10-15", contract_signed="true", precheck_on="2024-10-12",
        precheck_clear="true",
    )  # fmt: skip
    clerk.press("转在职")
    assert clerk.path == "/staff/employed"
    _find(clerk, name)
    clerk.follow("删除", inside=clerk.row(name))
    clerk.press("删除")
    assert f"已删除“{name}”" in clerk.said


def _find(clerk, name):
    clerk.type(q=name)
    clerk.press("筛选")


@each_way
def test_7_a_material_is_created_edited_deleted_and_all_are_exported(clerk):
    title = _name("教材")
    clerk.open("/materials")
    clerk.follow("创建材料")
    clerk.type(
        title=title,
        edition="2024年秋",
        kind="handout",
        form="basic",
        origin="self",
        category="nonsubject",
        subject_code="chess",
        stage="primary",
        delivery="offline",
    )
    clerk.type(**{"file_id.file": PDF | {"buffer": PDF["buffer"] + str(new_id()).encode()}})
    clerk.press("保存")
    clerk.open(f"/materials?q={title}")
    clerk.follow("编辑", inside=clerk.row(title))
    clerk.type(edition="2025年春")
    clerk.press("保存")
    clerk.open(f"/materials?q={title}")
    assert "2025年春" in clerk.said
    clerk.follow("删除", inside=clerk.row(title))
    clerk.press("删除")
    assert f"已删除“{title}”" in clerk.said

    clerk.open("/materials")
    clerk.follow("批量导出所有培训材料")
    assert clerk.path.startswith("/exports")


@each_way
def test_8_a_site_is_created_in_three_steps_and_each_part_edited_and_deleted(clerk):
    name = _name("教学点")
    clerk.open("/courses")
    clerk.follow("创建办学点")
    clerk.type(name=name, region_code="330106", address="示范街8号2楼",
               teaching_area_centi_m2="180")  # fmt: skip
    clerk.press("保存并下一步")
    clerk.type(name="围棋启蒙", category="nonsubject", subject_code="chess", stage="primary")
    clerk.press("保存并下一步")
    clerk.type(name="周六下午班", capacity="12", start_on="20261205", end_on="2027-01-30")
    clerk.press("保存并下一步")
    assert clerk.path.endswith("/check")
    clerk.press("完成")
    assert clerk.path.split("?")[0].endswith("/week")

    clerk.open("/courses")
    clerk.follow(name)
    host = clerk.path
    clerk.follow("周六下午班")
    clerk.type(capacity="10")
    clerk.press("保存")
    clerk.open(host)
    clerk.follow("编辑", inside=clerk.row("围棋启蒙"))
    clerk.type(name="围棋提高")
    clerk.press("保存")
    clerk.open(host)
    clerk.follow("编辑")
    clerk.type(address="示范街8号3楼")
    clerk.press("保存")
    clerk.open(host)
    assert "示范街8号3楼" in clerk.said
    assert "围棋提高" in clerk.said

    clerk.follow("周六下午班")
    clerk.follow("删除")
    clerk.press("删除")
    clerk.open(host)
    assert "周六下午班" not in clerk.said
    clerk.follow("添加课程")
    clerk.type(name="象棋启蒙", category="nonsubject", subject_code="chess", stage="primary")
    clerk.press("保存并下一步")
    clerk.open(host)
    clerk.follow("删除", inside=clerk.row("象棋启蒙"))
    clerk.press("删除")
    assert clerk.page.locator(clerk.row("象棋启蒙")).count() == 0
