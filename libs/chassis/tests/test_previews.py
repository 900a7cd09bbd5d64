"""Pages as pictures: drawn safely, marked for whoever is not the owner, gone with the file."""

import io
from datetime import timedelta
from shutil import rmtree

import pytest
from PIL import Image, ImageChops, ImageDraw
from sqlalchemy import insert, select, update

from otsp_chassis import clock, fonts, metrics, previews
from otsp_chassis.confined import pictures
from otsp_chassis.files import erase_attachments
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import attachment, audit_entry
from otsp_testkit.documents import archive, pdf, picture
from otsp_testkit.sample.model import Dossier
from otsp_testkit.sample.queries import OPEN_CASES

pytestmark = pytest.mark.usefixtures("chinese_font")
PDF, PNG, JPEG, ZIP = "application/pdf", "image/png", "image/jpeg", "application/zip"
FONT = fonts.FONTS[0]
MARK = "西湖区教育局 3f9a21c7 2026-11-29"


@pytest.fixture(autouse=True)
def empty_store(kit):
    rmtree(kit.runtime.settings.files_dir / "sample", ignore_errors=True)


@pytest.fixture
def owner():
    return Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset({"sample:read", "sample:write"}),
        session_id="s",
        institution_id=new_id(),
    )


@pytest.fixture
def reviewer():
    yield (one := reviewer_of("西湖区教育局"))
    OPEN_CASES.pop(one.authority.authority_id, None)


def reviewer_of(name, region="330106"):
    return Principal(
        account_id=new_id(),
        role="reviewer",
        scopes=frozenset({"sample:read"}),
        session_id="s",
        authority=AuthorityClaim(new_id(), "county", "education", region, name),
    )


@pytest.fixture
def upload(kit, owner):
    def send(raw, content_type=PNG):
        place = f"/api/sample/v1/institutions/{owner.institution_id}/files"
        stored = kit.as_principal(owner).call(
            "POST", place, raw=raw, content_type=content_type, query={"name": "扫描件.pdf"}
        )
        return f"{place}/{stored.json['file_id']}"

    return send


@pytest.fixture
def name_in_row(kit, owner):
    def enter(place, column, **others):
        file_id = place.rpartition("/")[2]
        row = {"photo_file_id": None, "scan_file_ids": [], "notes": {}, "is_draft": False}
        value = {"photo_file_id": file_id, "scan_file_ids": [file_id], "notes": {"a": [file_id]}}
        row |= {column: value[column], **others}
        with kit.runtime.database.engine.begin() as connection:
            connection.execute(
                insert(Dossier).values(
                    dossier_id=new_id(), institution_id=owner.institution_id, **row
                )
            )

    return enter


def looked(kit):
    columns = audit_entry.c
    query = select(columns.action, columns.actor_id, columns.reason).order_by(columns.sequence)
    query = query.where(columns.object_type == "file")
    with kit.runtime.database.autocommit.connect() as reader:
        return [tuple(row) for row in reader.execute(query)]


def kept_pictures(kit):
    return list((kit.runtime.settings.files_dir / "sample" / "previews").glob("*/*"))


def shown(answer):
    assert answer.status == 200, answer.content
    assert answer.headers["Content-Type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def is_blank(image):
    return max(high for _, high in ImageChops.invert(image).getextrema()) < 8


def test_the_owner_sees_each_page_of_a_pdf_as_it_is(kit, owner, upload):
    place = upload(pdf("one", "two"), PDF)
    client = kit.as_principal(owner)

    first = client.get(f"{place}/preview", query={"width": 320})
    second = client.get(f"{place}/preview", query={"page": 2, "width": 320})

    assert shown(first).size == (320, 453)
    assert first.content != second.content
    assert first.headers["Cache-Control"] == "private, no-store"
    assert first.headers["X-Content-Type-Options"] == "nosniff"


def test_of_a_telephones_double_picture_the_first_is_shown(kit, owner, upload):
    """Two JPEGs in one file (MPO, CIPA DC-007), of which a JPEG's own reader knows one."""
    raw, second = io.BytesIO(), Image.new("RGB", (600, 400), "blue")
    Image.new("RGB", (600, 400), "red").save(raw, "MPO", save_all=True, append_images=[second])

    answer = kit.as_principal(owner).get(f"{upload(raw.getvalue(), JPEG)}/preview")

    red, _, blue = shown(answer).getpixel((5, 5))
    assert (red > 200, blue < 50) == (True, True)


@pytest.mark.parametrize(("kind", "content_type"), [("PNG", PNG), ("JPEG", JPEG)])
def test_an_image_is_made_smaller_and_tells_nothing_else(kit, owner, upload, kind, content_type):
    raw = io.BytesIO()
    place_taken = Image.Exif()
    place_taken[0x010E] = "at home"
    Image.new("RGB", (1_000, 500), "red").save(raw, kind, exif=place_taken)

    answer = kit.as_principal(owner).get(f"{upload(raw.getvalue(), content_type)}/preview")

    assert shown(answer).size == (800, 400)
    assert b"at home" in raw.getvalue()
    assert b"at home" not in answer.content


def test_what_is_transparent_is_white(kit, owner, upload):
    raw = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(raw, "PNG")

    answer = kit.as_principal(owner).get(f"{upload(raw.getvalue())}/preview")

    assert is_blank(shown(answer))


def test_a_strip_is_drawn_narrow_rather_than_without_end(kit, owner, upload):
    answer = kit.as_principal(owner).get(f"{upload(picture(10, 50_000))}/preview")

    assert shown(answer).height <= 800 * 4


@pytest.mark.parametrize(
    ("raw", "content_type", "page", "problem"),
    [
        (pdf("one"), PDF, 2, "preview-no-such-page"),
        (picture(9, 9), PNG, 2, "preview-no-such-page"),
        (archive({"a": b"a"}), ZIP, 1, "file-has-no-preview"),
        (b"%PDF-1.7\n" + bytes(300), PDF, 1, "file-has-no-preview"),
    ],
)
def test_what_cannot_be_shown_says_so(kit, owner, upload, raw, content_type, page, problem):
    refused = kit.as_principal(owner).get(
        f"{upload(raw, content_type)}/preview", query={"page": page}
    )

    assert (refused.status, refused.problem) == (404, problem)


def marked(stream):
    seen = pictures.draw_smaller(stream, page=1, width=800)
    return pictures.as_jpeg(seen, mark=MARK, font=str(FONT))


def test_no_part_of_what_a_reviewer_sees_is_without_the_mark():
    white = picture(800, 1_130)

    drawn = marked(io.BytesIO(white))
    image = Image.open(io.BytesIO(drawn))

    tile = 200
    for left in range(0, image.width - tile + 1, tile // 2):
        for top in range(0, image.height - tile + 1, tile // 2):
            assert not is_blank(image.crop((left, top, left + tile, top + tile))), (left, top)


def test_the_mark_is_seen_on_black_and_hides_nothing():
    page = Image.new("RGB", (800, 400), "black")
    ImageDraw.Draw(page).rectangle((300, 150, 500, 250), fill="white")
    raw = io.BytesIO()
    page.save(raw, "PNG")

    drawn = marked(raw)
    image = Image.open(io.BytesIO(drawn)).convert("L")

    dark, light = image.crop((0, 0, 290, 400)), image.crop((310, 160, 490, 240))
    assert dark.getextrema()[1] > 60
    assert dark.getextrema()[1] < light.getextrema()[0]


def test_the_mark_says_which_authority_who_and_on_which_true_day(reviewer, owner):
    with clock.frozen(clock.now().replace(year=2026, month=11, day=28, hour=17)):
        assert previews.mark_of(reviewer) == (
            f"西湖区教育局 {reviewer.account_id.hex[-8:]} 2026-11-29"
        )
    assert previews.mark_of(owner) is None


def test_a_reviewer_sees_another_picture_than_the_owner_and_than_another(
    kit, owner, reviewer, upload, name_in_row
):
    place = upload(picture(400, 400))
    name_in_row(place, "photo_file_id")
    callers = owner, reviewer, reviewer_of("上城区教育局")

    seen = [kit.as_principal(each).get(f"{place}/preview").content for each in callers]

    assert len(set(seen)) == 3


@pytest.mark.parametrize("what", ["", "/content"])
def test_a_photo_is_seen_by_the_authorities_of_the_region_only(
    kit, reviewer, upload, name_in_row, what
):
    place = upload(picture(9, 9)) + (what or "/preview")
    name_in_row(place.rpartition("/")[0], "photo_file_id")

    assert kit.as_principal(reviewer).get(place).status == 200
    elsewhere = kit.as_principal(reviewer_of("武侯区教育局", "510107"))
    assert elsewhere.get(place).problem == "outside-jurisdiction"


def test_a_scan_of_a_person_is_seen_in_an_open_case_and_never_handed_out(
    kit, reviewer, upload, name_in_row
):
    place = upload(picture(9, 9))
    name_in_row(place, "scan_file_ids")
    client = kit.as_principal(reviewer)

    assert client.get(f"{place}/preview").problem == "case-required"

    OPEN_CASES[reviewer.authority.authority_id] = new_id()
    assert client.get(f"{place}/preview").status == 200
    assert client.get(f"{place}/content").problem == "file-preview-only"


def test_what_is_a_scan_of_a_person_anywhere_is_one_everywhere(kit, reviewer, upload, name_in_row):
    place = upload(picture(9, 9))
    name_in_row(place, "photo_file_id")
    name_in_row(place, "scan_file_ids")

    assert kit.as_principal(reviewer).get(f"{place}/preview").problem == "case-required"


@pytest.mark.parametrize(
    "row", [None, {"is_draft": True}, {"deleted_at": clock.now()}], ids=["none", "draft", "deleted"]
)
def test_what_no_row_names_that_it_may_read_does_not_exist_to_an_authority(
    kit, reviewer, upload, name_in_row, row
):
    place = upload(picture(9, 9))
    if row is not None:
        name_in_row(place, "notes", **row)

    assert kit.as_principal(reviewer).get(f"{place}/preview").problem == "not-found"
    name_in_row(place, "notes")
    assert kit.as_principal(reviewer).get(f"{place}/preview").status == 200


def test_another_institution_sees_nothing(kit, upload):
    stranger = Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset({"sample:read"}),
        session_id="s",
        institution_id=new_id(),
    )

    refused = kit.as_principal(stranger).get(f"{upload(picture(9, 9))}/preview")

    assert refused.problem == "other-institution"


def test_each_look_is_in_the_trail_with_page_and_case(kit, reviewer, upload, name_in_row):
    place = upload(pdf("one", "two"), PDF)
    name_in_row(place, "scan_file_ids")
    client = kit.as_principal(reviewer)
    client.get(f"{place}/preview")
    case_id = OPEN_CASES[reviewer.authority.authority_id] = new_id()

    for _ in range(2):
        client.get(f"{place}/preview", query={"page": 2})

    entry = ("file.previewed", reviewer.account_id, f"事项 {case_id}，第 2 页")
    assert looked(kit) == [entry, entry]


def test_a_picture_is_drawn_once_a_day(kit, owner, upload, monkeypatch):
    place = upload(picture(40, 40))
    client = kit.as_principal(owner)
    first = client.get(f"{place}/preview").content
    monkeypatch.setattr(previews.running, "run", None)

    assert client.get(f"{place}/preview").content == first

    with clock.frozen(clock.now() + previews.KEPT_FOR + timedelta(minutes=1)):
        kit.run_job("forget_old_previews")
    assert kept_pictures(kit) == []


def test_pictures_go_with_their_file(kit, owner, upload):
    kit.as_principal(owner).get(f"{upload(picture(40, 40))}/preview")
    others = upload(picture(50, 50))
    assert kept_pictures(kit)

    with kit.active():
        erase_attachments(owner.institution_id)

    assert kept_pictures(kit) == []
    assert kit.as_principal(owner).get(f"{others}/preview").problem == "not-found"


def test_without_a_chinese_font_the_refusal_names_the_package(
    kit, reviewer, upload, name_in_row, monkeypatch
):
    place = upload(picture(9, 9))
    name_in_row(place, "photo_file_id")
    monkeypatch.setattr(fonts, "FONTS", ())

    refused = kit.as_principal(reviewer).get(f"{place}/preview")

    assert (refused.status, refused.problem) == (503, "watermark-font-missing")
    assert "fonts-wqy-microhei" in refused.json["detail"]


def test_how_long_pictures_take_and_which_fail_is_measured(kit, owner, upload):
    def count(outcome):
        histogram = metrics.PREVIEWS.labels("sample", outcome)
        return sum(bucket.get() for bucket in histogram._buckets)

    place = upload(picture(9, 9))
    before = [count(each) for each in ("drawn", "kept", "refused")]
    client = kit.as_principal(owner)
    client.get(f"{place}/preview")
    client.get(f"{place}/preview")
    client.get(f"{place}/preview", query={"page": 2})

    after = [count(each) for each in ("drawn", "kept", "refused")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]


def test_a_file_that_grew_worse_in_the_store_has_no_preview(kit, owner, upload):
    """Its row knows a page; its bytes are none any more."""
    place = upload(b"%PDF-1.7\n" + bytes(300), PDF)
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(attachment).values(pages=1))

    assert kit.as_principal(owner).get(f"{place}/preview").problem == "file-has-no-preview"
