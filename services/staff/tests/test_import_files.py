"""Certificates and files of people from a workbook: files are called by their names."""

import io

import openpyxl
import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.sheets import XLSX
from otsp_testkit.exported import exported_rows

PERSON = {"姓名": "周甲", "国籍": "中国", "证件号码": "330199198506079917", "人员类别": "教学人员"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
CERT = {"资质类型": "教师资格证", "资质证书编号": "20193300141000901"}
SECOND = {"资质2类型": "体育教练员职称", "资质2证书编号": "职称证字第 1 号"}


def place(client, part):
    return f"/api/staff/v1/institutions/{client.principal.institution_id}/{part}"


@pytest.fixture
def upload():
    """Stores a picture under a name; other endings, other contents."""

    def _upload(client, name, ending=b""):
        sent = {"content_type": "image/png", "query": {"name": name}}
        answer = client.call("POST", place(client, "files"), raw=PNG + ending, **sent)
        assert answer.status == 201, answer.json
        return answer.json["file_id"]

    return _upload


@pytest.fixture
def check(kit):
    def _check(client, *rows):
        content = client.get(f"{place(client, 'imports')}/template").content
        book = openpyxl.load_workbook(io.BytesIO(content))
        titles = [cell.value for cell in book["从业人员"][1]]
        for number, row in enumerate(rows, start=2):
            for title, value in row.items():
                book["从业人员"].cell(number, titles.index(title) + 1, value)
        saved = io.BytesIO()
        book.save(saved)
        sent = {"content_type": XLSX, "query": {"name": "名单.xlsx"}}
        asked = client.call("POST", place(client, "imports"), raw=saved.getvalue(), **sent)
        assert asked.status == 202, asked.json
        kit.run_job("check_imports")
        return client.get(asked.headers["Location"]).json

    return _check


@pytest.fixture
def enter(kit, check):
    """Has rows checked and entered; tells the one person that there is then."""

    def _enter(client, *rows):
        checked = check(client, *rows)
        assert checked["faults"] == []
        url = f"{place(client, 'imports')}/{checked['import_id']}"
        assert client.post(f"{url}/application", {"skip_faulty": False}).status == 202
        kit.run_job("apply_imports")
        assert client.get(url).json["state"] == "applied"
        [person] = client.get(place(client, "staff")).json["items"]
        return person

    return _enter


def test_each_certificate_of_a_row_is_entered(owner, enter):
    third = {"资质3类型": "教师资格证", "资质3证书编号": "20193300141000902"}

    person = enter(owner, PERSON | CERT | SECOND | third)

    assert [(each["type"], each["cert_no"]) for each in person["quals"]] == [
        ("teacher_cert", "20193300141000901"),
        ("coach_title", "职称证字第 1 号"),
        ("teacher_cert", "20193300141000902"),
    ]


def test_second_certificate_joins_the_first_or_corrects_its_own(owner, enter):
    enter(owner, PERSON | CERT | SECOND)

    person = enter(owner, PERSON | CERT | SECOND | {"资质2发证机关": "示例体育局"})

    assert [each["issuer"] for each in person["quals"]] == [None, "示例体育局"]


def test_certificate_before_which_one_is_left_out_is_a_fault(owner, check):
    faults = check(owner, PERSON | SECOND)["faults"]

    assert "gap" in {fault["code"] for fault in faults}
    assert all("（资质类型）" in fault["detail"] for fault in faults)


def test_files_are_called_by_the_names_of_their_upload(owner, upload, enter):
    names = ("照片.png", "合同（周甲）.png", "证明.png", "教师证.png", "职称证.png")
    ids = [upload(owner, name, str(n).encode()) for n, name in enumerate(names)]
    columns = ("照片", "劳动合同文件", "招用前违法犯罪查询证明", "资质扫描件", "资质2扫描件")

    person = enter(owner, PERSON | CERT | SECOND | dict(zip(columns, names, strict=True)))

    own = ("photo_file_id", "contract_file_id", "precheck_proof_file_id")
    scans = [each["scan_file_id"] for each in person["quals"]]
    assert [*(person[name] for name in own), *scans] == ids


def test_row_without_a_file_keeps_the_one_that_stands(owner, upload, enter):
    photo, scan = upload(owner, "照片.png", b"1"), upload(owner, "教师证.png", b"2")
    enter(owner, PERSON | CERT | {"照片": "照片.png", "资质扫描件": "教师证.png"})

    person = enter(owner, PERSON | CERT | {"专业": "数学"})

    assert (person["major"], person["photo_file_id"]) == ("数学", photo)
    assert person["quals"][0]["scan_file_id"] == scan


def test_same_rows_with_files_again_change_nothing(owner, upload, enter, check):
    upload(owner, "照片.png")
    rows = PERSON | CERT | {"照片": "照片.png"}
    enter(owner, rows)

    assert check(owner, rows)["counts"]["unchanged"] == 1


def test_name_that_nobody_uploaded_is_told_at_its_column(kit, owner, upload, check):
    upload(kit.as_institution(new_id()), "照片.png")

    [fault] = check(owner, PERSON | {"照片": "照片.png"})["faults"]

    assert fault["code"] == "unknown_file"
    assert "（照片）：没有上传过这个名称的文件" in fault["detail"]
    assert "照片.png" not in fault["detail"], "a file may be named after somebody"


def test_two_different_files_of_one_name_are_told_with_what_to_do(owner, upload, check):
    upload(owner, "照片.png", b"1")
    upload(owner, "照片.png", b"2")

    [fault] = check(owner, PERSON | {"照片": "照片.png"})["faults"]

    assert fault["code"] == "ambiguous_file"
    assert "有 2 个内容不同的文件同名" in fault["detail"]


def test_file_that_was_uploaded_twice_is_one_file(owner, upload, enter):
    upload(owner, "照片.png")
    again = upload(owner, "照片.png")

    assert enter(owner, PERSON | {"照片": "照片.png"})["photo_file_id"] == again


def test_name_of_an_export_names_no_file(kit, owner, register, check):
    register(owner)
    exported_rows(kit, owner)
    export = owner.post(place(owner, "exports"), {"format": "csv"}).headers["Location"]
    kit.run_job("make_exports")
    name = owner.get(place(owner, f"files/{owner.get(export).json['file_id']}")).json["name"]

    [fault] = check(owner, PERSON | {"照片": name})["faults"]

    assert fault["code"] == "unknown_file"
