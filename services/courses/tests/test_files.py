"""Who sees the papers of sites and systems."""

import pytest

from otsp_testkit.documents import pdf

pytestmark = pytest.mark.usefixtures("chinese_font")
NAMES = {
    "sites": ["fire_proof_file_id"],
    "systems": [
        "icp_shot_file_id",
        "vat_shot_file_id",
        "mlps_report_file_id",
        "pia_file_id",
        "service_agreement_file_id",
    ],
}


@pytest.fixture
def paper(desk):
    desk.profile()
    stored = desk.client.call(
        "POST",
        f"{desk.base}/files",
        raw=pdf("1"),
        content_type="application/pdf",
        query={"name": "a.pdf"},
    )
    return f"{desk.base}/files/{stored.json['file_id']}"


def reads(client, paper):
    answers = [client.get(f"{paper}{what}") for what in ("", "/preview", "/content")]
    return [each.status if each.status == 200 else each.problem for each in answers]


@pytest.mark.parametrize(
    ("part", "field"), [(part, field) for part, fields in NAMES.items() for field in fields]
)
def test_a_paper_is_seen_by_the_authorities_of_the_region(desk, paper, part, field):
    assert reads(desk.reviewer(), paper) == ["not-found"] * 3

    desk.added(part, **{field: paper.rpartition("/")[2]})

    assert reads(desk.reviewer(), paper) == [200, 200, 200]
    assert reads(desk.reviewer(region="510107"), paper) == ["outside-jurisdiction"] * 3
    assert reads(desk.client, paper) == [200, 200, 200]
