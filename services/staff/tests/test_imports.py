"""People from a workbook: checked first, told row by row, entered when the clerk says so."""

import io
from datetime import date, datetime, timedelta

import openpyxl
import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.imports import store, working
from otsp_chassis.sheets import XLSX
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested

ZHOU = {
    "姓名": "周甲",
    "性别": "男",
    "国籍": "中国",
    "证件号码": "330199198506079917",
    "手机号": "13800000001",
    "学历": "本科",
    "人员类别": "管理人员",
    "用工形式": "专职",
    "入职日期": date(2020, 3, 1),
    "是否签订劳动合同": "是",
    "劳动合同编号": "合同-1",
    "劳动合同起始日期": date(2020, 3, 1),
}
NUMBERS = ["330199198506079917", "330199199002281227", "330199198808081238"]


def place(client):
    return f"/api/staff/v1/institutions/{client.principal.institution_id}/imports"


@pytest.fixture
def template(owner):
    """The template, opened by a library that did not write it."""
    answer = owner.get(f"{place(owner)}/template")
    assert answer.status == 200, answer.content
    return openpyxl.load_workbook(io.BytesIO(answer.content))


@pytest.fixture
def workbook(template):
    """The template, filled in."""

    def _workbook(*rows, sheet="从业人员"):
        table = template[sheet]
        titles = [cell.value for cell in table[1]]
        for row in rows:
            assert row.keys() <= set(titles), row.keys() - set(titles)
        for number, row in enumerate(rows, start=2):
            for title, value in row.items():
                table.cell(number, titles.index(title) + 1, value)
        saved = io.BytesIO()
        template.save(saved)
        return saved.getvalue()

    return _workbook


@pytest.fixture
def hand_in(kit, workbook):
    """Uploads rows (or the bytes of a workbook) and has them checked."""

    def _hand_in(client, *rows, raw=None):
        asked = upload(client, raw or workbook(*rows))
        assert asked.status == 202, asked.json
        kit.run_job("check_imports")
        return client.get(asked.headers["Location"]).json

    return _hand_in


@pytest.fixture
def apply(kit):
    def _apply(client, found, *, skip_faulty=False):
        url = f"{place(client)}/{found['import_id']}"
        asked = client.post(f"{url}/application", {"skip_faulty": skip_faulty})
        assert asked.status == 202, asked.json
        kit.run_job("apply_imports")
        return client.get(url).json

    return _apply


def upload(client, raw, name="名单.xlsx"):
    return client.call("POST", place(client), raw=raw, content_type=XLSX, query={"name": name})


def report(client, found):
    answer = client.get(f"{place(client)}/{found['import_id']}/report")
    assert answer.status == 200, answer.content
    return openpyxl.load_workbook(io.BytesIO(answer.content))["从业人员"]


def told(sheet):
    titles, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    return [dict(zip(titles, row, strict=True)) for row in rows]


def people(client, **query):
    url = place(client).replace("imports", "staff")
    return client.get(url, query=query).json["items"]


def test_row_of_the_template_becomes_a_person(owner, hand_in, apply):
    checked = hand_in(owner, ZHOU)
    nobody = people(owner)
    applied = apply(owner, checked)

    assert (checked["state"], checked["counts"]["added"]) == ("checked", 1)
    assert nobody == []
    assert (applied["state"], applied["counts"]["added"]) == ("applied", 1)
    [person] = people(owner)
    assert person["name"] == "周甲"
    assert person["staff_type"] == "management"
    assert person["hired_on"] == "2020-03-01"
    assert person["contract_signed"] is True
    assert person["id_valid"] is True


def test_examples_of_the_template_are_good_rows(owner, template, hand_in):
    titles, *rows = template["填写示例"].iter_rows(values_only=True)
    given = [
        {title: value for title, value in zip(titles, row, strict=True) if value is not None}
        for row in rows
    ]

    checked = hand_in(owner, *given)

    assert checked["faults"] == []
    assert checked["counts"]["added"] == len(given) == 2


def test_template_offers_lists_and_protects_its_titles(template):
    sheet = template["从业人员"]
    titles = [cell.value for cell in sheet[1]]
    lists = {
        str(each.sqref): each.formula1.strip('"').split(",")
        for each in sheet.data_validations.dataValidation
    }

    assert lists["B2:B100001"] == ["男", "女"]
    assert titles[1] == "性别"
    assert sheet.protection.sheet
    assert all(cell.protection.locked for cell in sheet[1])
    assert "必填" in sheet.cell(1, titles.index("证件号码") + 1).comment.text
    assert not sheet.column_dimensions["E"].protection.locked
    assert sheet.column_dimensions["E"].number_format == "@"


def test_each_fault_is_told_with_column_row_and_words(owner, hand_in):
    wrong = ZHOU | {"证件号码": "330199198506079918", "性别": "男士", "入职日期": "去年"}
    checked = hand_in(owner, ZHOU | {"证件号码": NUMBERS[1]}, wrong)
    sheet = report(owner, checked)
    good, bad = told(sheet)

    assert checked["counts"] == {"added": 1, "faulty": 1}
    assert good["结果"] == "新增"
    assert good["错误"] is None
    assert bad["结果"] == "错误"
    assert bad["姓名"] == "周甲"
    assert "B列（性别）：不在可选范围内" in bad["错误"]
    assert "E列（证件号码）：公民身份号码校验位错误。" in bad["错误"]
    assert "M列（入职日期）：应为日期" in bad["错误"]
    assert "不在可选范围内" in sheet["B3"].comment.text
    assert sheet["B2"].comment is None
    assert {fault["row"] for fault in checked["faults"]} == {3}


def test_warnings_stand_apart_and_hinder_nothing(owner, hand_in, apply):
    checked = hand_in(owner, ZHOU | {"入职日期": date(2099, 1, 1), "性别": None})
    [row] = told(report(owner, checked))

    assert row["错误"] is None
    assert "M列（入职日期）：日期晚于今天" in row["提醒"]
    assert "B列（性别）：必填项未填写" in row["提醒"]
    assert checked["counts"] == {"added": 1, "warned": 1}
    assert apply(owner, checked)["state"] == "applied"


def test_blacklisted_person_is_told_as_a_warning(kit, owner, hand_in):
    authority = kit.as_authority("region_admin")
    entry = {
        "id_type": "cnid",
        "id_no": ZHOU["证件号码"],
        "name": "周甲",
        "reason": "improper_gains",
        "decided_on": "2024-10-15",
        "basis_doc": "示例文号",
    }
    assert authority.post("/api/staff/v1/blacklist-entries", entry).status == 201

    [row] = told(report(owner, hand_in(owner, ZHOU)))

    assert "黑名单" in row["提醒"]


def test_same_file_again_changes_nothing_and_says_so(owner, workbook, hand_in, apply):
    raw = workbook(ZHOU)
    first = apply(owner, hand_in(owner, raw=raw))
    again = hand_in(owner, raw=raw)

    assert again["counts"]["unchanged"] == 1
    assert again["same_as"] == first["import_id"]
    assert "此前已经导入" in again["message"]
    assert apply(owner, again)["counts"] == {"unchanged": 1}
    [person] = people(owner)
    assert person["version"] == 1


def test_row_of_somebody_employed_changes_what_it_says_and_keeps_the_rest(
    owner, register, hand_in, apply
):
    person = register(
        owner,
        graduated_from="示例大学",
        quals=[{"type": "teacher_cert", "cert_no": "20193300141000901"}],
        political_status="league",
    )
    row = {
        "证件号码": ZHOU["证件号码"],
        "人员类别": "教学人员",
        "手机号": "13800000009",
        "资质类型": "职业（专业）能力证明",
        "资质证书编号": "Z-1",
    }
    checked = hand_in(owner, row)
    applied = apply(owner, checked)
    [after] = people(owner)

    assert (checked["counts"]["changed"], applied["counts"]["changed"]) == (1, 1)
    assert after["staff_id"] == person["staff_id"]
    assert after["staff_type"] == "teaching"
    assert after["mobile_masked"] == "138****0009"
    assert after["id_masked"] == person["id_masked"]
    assert (after["name"], after["graduated_from"]) == ("周甲", "示例大学")
    assert [each["cert_no"] for each in after["quals"]] == ["20193300141000901", "Z-1"]
    revealed = owner.post(f"{person['url']}/reveals", {"fields": ["political_status"]}).json
    assert revealed["values"]["political_status"] == "league"


def test_somebody_who_works_elsewhere_is_new_here_and_told(kit, owner, register, hand_in):
    register(kit.as_institution(new_id()))

    checked = hand_in(owner, ZHOU)

    assert checked["counts"] == {"added": 1, "warned": 1}
    assert "其他机构登记为专职" in told(report(owner, checked))[0]["提醒"]


def test_rows_keep_their_numbers_in_the_report(owner, hand_in):
    checked = hand_in(owner, ZHOU, {}, ZHOU | {"证件号码": "123"})
    sheet = report(owner, checked)

    assert checked["faults"][0]["row"] == 4
    assert sheet["A3"].value is None
    assert (sheet["A4"].value, sheet["E4"].value) == ("周甲", "123")
    assert "18位" in sheet["E4"].comment.text


def test_row_does_not_bring_back_who_has_left(owner, register, hand_in):
    person = register(owner)
    left = {"departed_on": "2024-10-15", "reason": "resigned"}
    assert owner.post(f"{person['url']}/departure", left).status == 200

    checked = hand_in(owner, ZHOU, ZHOU | {"证件号码": NUMBERS[1]})

    assert checked["counts"]["faulty"] == 1
    assert "重新入职请在人员管理中办理" in checked["faults"][0]["detail"]


def test_row_does_not_let_anybody_leave(owner, register, hand_in):
    register(owner)

    checked = hand_in(owner, ZHOU | {"在职状态": "离职", "离职日期": date(2024, 10, 15)})

    assert "离职请在人员管理中办理" in checked["faults"][0]["detail"]


def test_departed_person_is_entered_as_in_fact(owner, hand_in, apply):
    gone = ZHOU | {"在职状态": "离职", "离职日期": date(2024, 10, 15), "离职原因": "辞职"}

    apply(owner, hand_in(owner, gone))
    again = hand_in(owner, gone)

    [person] = people(owner, status="departed")
    assert person["departed_on"] == "2024-10-15"
    assert again["counts"] == {"unchanged": 1}


def test_number_that_a_row_repeats_is_told_with_the_first_row(owner, hand_in):
    checked = hand_in(owner, ZHOU, ZHOU | {"姓名": "周乙"})

    assert checked["counts"]["faulty"] == 1
    assert checked["faults"][0] == {
        "row": 3,
        "code": "repeated",
        "detail": "E列（证件号码）：与第 2 行重复，请只保留一行。",
    }


def test_row_without_a_number_is_refused(owner, hand_in):
    checked = hand_in(owner, ZHOU | {"证件号码": None})

    assert checked["faults"][0]["code"] == "required"


def test_number_that_a_spreadsheet_has_rounded_is_told(owner, hand_in):
    checked = hand_in(owner, ZHOU | {"证件号码": 330199198506079917})

    assert checked["faults"][0]["code"] == "digits_lost"
    assert "设为" in checked["faults"][0]["detail"] or "改为" in checked["faults"][0]["detail"]


def test_nothing_is_entered_while_a_row_is_faulty(owner, hand_in, apply):
    checked = hand_in(owner, ZHOU, ZHOU | {"证件号码": "123"})
    url = f"{place(owner)}/{checked['import_id']}/application"

    refused = owner.post(url, {"skip_faulty": False})

    assert (refused.status, refused.problem) == (409, "import-faulty")
    assert refused.json["faulty_rows"] == 1
    assert people(owner) == []


def test_faulty_rows_are_left_out_when_the_clerk_says_so(owner, hand_in, apply):
    checked = hand_in(owner, ZHOU, ZHOU | {"证件号码": "123"})

    applied = apply(owner, checked, skip_faulty=True)

    assert applied["counts"] == {"added": 1, "faulty": 1}
    assert len(people(owner)) == 1


def test_row_that_became_faulty_since_stops_all_and_is_reported(owner, register, hand_in, apply):
    checked = hand_in(owner, ZHOU, ZHOU | {"证件号码": NUMBERS[1], "姓名": "周乙"})
    for _ in range(2):
        register(owner, id_no=NUMBERS[1])

    stopped = apply(owner, checked)

    assert stopped["state"] == "checking"
    assert "已重新检查" in stopped["message"]
    assert [person["name"] for person in people(owner)] == ["周甲", "周甲"]


def test_report_that_is_corrected_can_be_handed_in(owner, hand_in, apply):
    checked = hand_in(owner, ZHOU | {"性别": "男士"})
    answer = owner.get(f"{place(owner)}/{checked['import_id']}/report")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    book["从业人员"]["B2"] = "男"
    saved = io.BytesIO()
    book.save(saved)

    again = hand_in(owner, raw=saved.getvalue())

    assert again["counts"]["added"] == 1


@pytest.fixture
def kill_in_the_second_batch(kit, monkeypatch):
    """The worker is killed before what it has entered is committed; batches are of one row."""

    def _kill():
        enter, batches = working._enter, []

        def killed(*arguments):
            enter(*arguments)
            batches.append(1)
            if len(batches) == 2:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(working, "_enter", killed)
            with pytest.raises(KeyboardInterrupt):
                kit.run_job("apply_imports")

    monkeypatch.setattr(working, "ROWS_A_BATCH", 1)
    return _kill


def test_rows_are_entered_once_however_often_the_worker_is_killed(
    kit, owner, hand_in, kill_in_the_second_batch
):
    rows = [ZHOU | {"证件号码": number, "姓名": f"周{n}"} for n, number in enumerate(NUMBERS)]
    checked = hand_in(owner, *rows)
    url = f"{place(owner)}/{checked['import_id']}"
    assert owner.post(f"{url}/application", {"skip_faulty": False}).status == 202

    kill_in_the_second_batch()
    left = owner.get(url).json
    kit.run_job("apply_imports")
    done = owner.get(url).json

    assert (left["state"], left["rows_done"], left["counts"]["added"]) == ("applying", 1, 1)
    assert (done["state"], done["rows_done"], done["counts"]) == ("applied", 3, {"added": 3})
    assert sorted(person["name"] for person in people(owner)) == ["周0", "周1", "周2"]


def test_repetition_is_known_after_a_killed_worker_too(
    kit, owner, hand_in, kill_in_the_second_batch
):
    rows = (ZHOU, ZHOU | {"证件号码": NUMBERS[1]}, ZHOU | {"姓名": "周乙"})
    checked = hand_in(owner, *rows)
    url = f"{place(owner)}/{checked['import_id']}"
    assert owner.post(f"{url}/application", {"skip_faulty": True}).status == 202

    kill_in_the_second_batch()
    kit.run_job("apply_imports")

    assert owner.get(url).json["counts"] == {"added": 2, "faulty": 1}
    assert {person["name"] for person in people(owner)} == {"周甲"}


def lock(kit, owner):
    requested = SnapshotRequested(
        request_id=new_id(),
        institution_id=owner.principal.institution_id,
        application_id=new_id(),
        purpose="application",
        as_of=date(2024, 10, 15),
        sections=("staff",),
    )
    kit.deliver(requested)
    return requested


def unlock(kit, requested):
    kit.deliver(
        ReviewUnlocked(
            application_id=requested.application_id, institution_id=requested.institution_id
        )
    )


def test_rows_are_checked_under_review_and_not_entered(kit, owner, hand_in):
    lock(kit, owner)

    checked = hand_in(owner, ZHOU)
    url = f"{place(owner)}/{checked['import_id']}/application"
    refused = owner.post(url, {"skip_faulty": False})

    assert checked["state"] == "checked"
    assert (refused.status, refused.problem) == (423, "locked")


def test_review_that_begins_in_the_middle_stops_the_rows_and_they_go_on_after_it(
    kit, owner, hand_in, apply, monkeypatch
):
    monkeypatch.setattr(working, "ROWS_A_BATCH", 1)
    rows = [ZHOU | {"证件号码": number, "姓名": f"周{n}"} for n, number in enumerate(NUMBERS)]
    checked = hand_in(owner, *rows)
    requested = []
    url = f"{place(owner)}/{checked['import_id']}"
    assert owner.post(f"{url}/application", {"skip_faulty": False}).status == 202
    batch = working._enter_batch

    def locked_after_the_first(*arguments, **named):
        batch(*arguments, **named)
        if not requested:
            requested.append(lock(kit, owner))

    with monkeypatch.context() as patched:
        patched.setattr(working, "_enter_batch", locked_after_the_first)
        kit.run_job("apply_imports")
    stopped = owner.get(url).json
    unlock(kit, requested[0])
    done = apply(owner, stopped)

    assert (stopped["state"], stopped["counts"]["added"]) == ("checked", 1)
    assert "导入停在第 3 行" in stopped["message"]
    assert (done["state"], done["counts"]) == ("applied", {"added": 3})
    assert len(people(owner)) == 3


def test_one_import_of_the_list_at_a_time(kit, owner, workbook):
    raw = workbook(ZHOU)
    assert upload(owner, raw).status == 202

    again = upload(owner, raw)

    assert (again.status, again.problem) == (409, "import-running")
    assert upload(kit.as_institution(new_id()), raw).status == 202


def test_workbook_that_was_refused_leaves_no_bytes(kit, owner, workbook):
    folder = kit.runtime.blobs._root / "imports"
    raw = workbook(ZHOU)
    assert upload(owner, raw).status == 202
    kept = set(folder.glob("*/*"))

    assert upload(owner, raw).status == 409

    assert set(folder.glob("*/*")) == kept


def test_bytes_that_a_broken_upload_left_are_swept(kit, owner, hand_in):
    checked = hand_in(owner, ZHOU)
    with kit.active():
        store.keep(new_id(), "upload", io.BytesIO(b"left"))

    with clock.frozen(clock.now() + store.SWEPT_AFTER + timedelta(minutes=1)):
        kit.run_job("erase_imports")

    assert list((kit.runtime.blobs._root / "imports").glob("*/*")) == []
    assert owner.get(f"{place(owner)}/{checked['import_id']}").json["state"] == "expired"


def test_import_is_applied_once(owner, hand_in, apply):
    checked = hand_in(owner, ZHOU)
    apply(owner, checked)

    again = owner.post(f"{place(owner)}/{checked['import_id']}/application", {"skip_faulty": False})

    assert (again.status, again.problem) == (409, "import-not-ready")


def test_import_is_its_institutions_alone(kit, owner, hand_in):
    checked = hand_in(owner, ZHOU)
    other, authority = kit.as_institution(new_id()), kit.as_authority()
    url = f"{place(owner)}/{checked['import_id']}"

    assert other.get(url).status == 403
    assert other.get(f"{url}/report").status == 403
    assert other.get(f"{place(other)}/{checked['import_id']}").status == 404
    assert other.get(f"{place(other)}/{checked['import_id']}/report").status == 404
    assert authority.get(f"{url}/report").status == 403
    assert authority.get(url).status == 403
    assert [each["import_id"] for each in owner.get(place(owner)).json["items"]] == [
        checked["import_id"]
    ]


def test_workbook_and_report_lie_sealed_and_are_erased_after_a_day(kit, owner, hand_in):
    folder = kit.runtime.blobs._root / "imports"
    others = set(folder.glob("*/*"))
    checked = hand_in(owner, ZHOU)
    files = set(folder.glob("*/*")) - others
    kept = [path.read_bytes() for path in files]

    with clock.frozen(datetime.fromisoformat(checked["expires_at"]) - timedelta(seconds=1)):
        kit.run_job("erase_imports")
    before = owner.get(f"{place(owner)}/{checked['import_id']}").json
    with clock.frozen(datetime.fromisoformat(checked["expires_at"])):
        kit.run_job("erase_imports")
    after = owner.get(f"{place(owner)}/{checked['import_id']}").json

    assert len(kept) == 2
    assert not any(b"PK\x03\x04" in each for each in kept)
    assert before["state"] == "checked"
    assert (after["state"], after["has_report"]) == ("expired", False)
    assert "已删除" in after["message"]
    assert not any(path.exists() for path in files)
    assert owner.get(f"{place(owner)}/{checked['import_id']}/report").status == 404


def test_trail_names_who_had_the_rows_entered_and_by_which_import(kit, owner, hand_in, apply):
    checked = hand_in(owner, ZHOU)
    apply(owner, checked)

    with psycopg.connect(kit.owner_url) as connection:
        entries = connection.execute(
            "SELECT action, actor_id, operation FROM audit_entry ORDER BY sequence"
        ).fetchall()

    of_the_import = f"import:{checked['import_id']}"
    [change] = owner.get(place(owner).replace("imports", "history")).json["items"]
    assert ("staff.registered", owner.principal.account_id, of_the_import) in entries
    assert (change["operation"], change["kind"]) == (of_the_import, "added")
    assert [each[0] for each in entries if each[0].startswith("import.")] == [
        "import.requested",
        "import.checked",
        "import.application_requested",
        "import.applied",
    ]


def test_no_value_of_the_workbook_stands_in_the_import(owner, hand_in):
    checked = hand_in(owner, ZHOU, ZHOU | {"手机号": "1380000"}, ZHOU | {"证件号码": "123456"})

    assert "周甲" not in str(checked)
    assert "330199" not in str(checked)
    assert "123456" not in str(checked)
    assert "1380000" not in str(checked)
