"""The list narrowed: by what a material is, by its title in characters or pinyin, by its number."""

import pytest
from sqlalchemy import create_engine, text

from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_materials.queries.materials import listed_columns

MANY = 10_000
TOLD = """
CREATE TEMP TABLE told (number serial, title text, text text, terms text[]) ON COMMIT DROP
"""
FILL = """
INSERT INTO material (material_id, institution_id, status, title, version_no, category, stage, kind,
  form, origin, delivery, authors, internal_reviewer_ids, retain_until, created_at, updated_at,
  version, search_text, search_terms)
SELECT gen_random_uuid(), :institution_id, (array['in_use', 'archived'])[1 + mod(n, 2)],
  told.title || n, 1, 'subject', 'junior', 'handout', 'basic', 'self', '{offline}', '[]', '{}',
  date '2027-01-01' + mod(n, 2000), now(), now(), 1, told.text, told.terms
FROM generate_series(1, :count) AS n JOIN told ON told.number = :first + mod(n, :kinds)
"""


def place(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}/materials"


@pytest.fixture
def titles(owner):
    def ask(client=owner, **query):
        answer = client.get(place(owner), query=query)
        assert answer.status == 200, answer.content
        return [each["title"] for each in answer.json["items"]]

    return ask


@pytest.fixture
def shelf(owner, enter):
    enter(owner, title="初中数学同步讲义", isbn="978-7-5327-6530-0", stage="junior", kind="handout")
    enter(
        owner,
        existing=True,
        status="in_use",
        title="少儿舞蹈基础",
        category="nonsubject",
        form="video",
        stage="primary",
        kind="video",
        origin="published",
        delivery=["online_live", "online_recorded"],
    )
    enter(owner, existing=True, status="archived", title="乐理入门", retain_until="2027-10-15")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("数学", ["初中数学同步讲义"]),
        ("同步 讲义", ["初中数学同步讲义"]),
        ("shuxue", ["初中数学同步讲义"]),
        ("sewd", ["少儿舞蹈基础"]),
        ("9787532765300", ["初中数学同步讲义"]),
        ("978-7-5327", ["初中数学同步讲义"]),
        ("物理", []),
    ],
)
def test_a_material_is_found_by_its_title_and_by_its_book_number(shelf, titles, q, found):
    assert titles(q=q) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"category": "nonsubject"}, ["少儿舞蹈基础"]),
        ({"stage": "primary"}, ["少儿舞蹈基础"]),
        ({"kind": "handout"}, ["初中数学同步讲义"]),
        ({"form": "basic"}, ["初中数学同步讲义", "乐理入门"]),
        ({"origin": "published"}, ["少儿舞蹈基础"]),
        ({"delivery": "online_recorded"}, ["少儿舞蹈基础"]),
        ({"delivery": "offline"}, []),
        ({"retention_due_by": "2027-10-15"}, ["乐理入门"]),
        ({"retention_due_by": "2027-10-14"}, []),
        ({"status": "in_use", "category": "subject"}, []),
        ({"q": "舞蹈", "stage": "primary"}, ["少儿舞蹈基础"]),
    ],
)
def test_the_list_is_narrowed_by_what_a_material_is(shelf, titles, query, found):
    assert titles(**query) == found


def test_a_renamed_material_is_found_by_its_new_title_only(owner, enter, titles):
    material = enter(owner, title="旧名讲义")
    owner.put(material["url"], {"title": "新编教程"}, if_match=1)

    assert titles(q="旧名") == []
    assert titles(q="新编") == ["新编教程"]


def test_a_new_version_is_found_like_its_predecessor(owner, enter, upload, titles):
    material = enter(owner, title="声乐讲义")
    owner.post(f"{material['url']}/versions", {"file_id": upload(owner, "乙")["file_id"]})

    assert titles(q="shengyue") == ["声乐讲义", "声乐讲义"]


def test_an_authority_finds_no_draft(shelf, titles, reviewer):
    assert titles(reviewer, q="数学") == []
    assert titles(reviewer, q="舞蹈") == ["少儿舞蹈基础"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"q": "数"}, "/q"),
        ({"q": "--"}, "/q"),
        ({"stage": "kindergarten"}, "/stage/0"),
        ({"retention_due_by": "soon"}, "/retention_due_by"),
        ({"author": "沈示例"}, "/author"),
    ],
)
def test_what_narrows_nothing_is_refused(owner, query, pointer):
    refused = owner.get(place(owner), query=query)

    assert (refused.status, refused.pointers) == (400, {pointer})


def test_a_filter_of_an_export_is_refused_when_it_is_asked_for(owner):
    url = place(owner).removesuffix("materials") + "exports"

    refused = owner.post(url, {"format": "csv", "filters": {"q": "数"}})

    assert (refused.status, refused.pointers) == (422, {"/filters/q"})
    assert "至少两个字" in refused.json["errors"][0]["detail"]


@pytest.fixture
def crowd(kit, owner):
    """Ten thousand materials of one institution among as many of others; one is about 皮影."""
    titles = [f"初中{name}同步讲义" for name in ("数学", "物理", "化学", "历史", "地理")]
    titles.append("皮影艺术")
    told = [{"title": each, "text": text_of(each), "terms": terms(each)} for each in titles]
    many = {"first": 1, "kinds": 5, "count": MANY}
    own = {"institution_id": owner.principal.institution_id}
    engine = create_engine(kit.owner_url.replace("://", "+psycopg://", 1))
    with engine.begin() as tables:
        tables.execute(text(TOLD))
        tables.execute(
            text("INSERT INTO told (title, text, terms) VALUES (:title, :text, :terms)"), told
        )
        tables.execute(text(FILL), many | own)
        tables.execute(text(FILL), many | {"institution_id": new_id()})
        tables.execute(text(FILL), own | {"first": 6, "kinds": 1, "count": 1})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tables:
        tables.execute(text("VACUUM ANALYZE material"))
    engine.dispose()


PLANS = [
    ({}, "ix_material_institution_id_material_id"),
    ({"status": ["in_use"]}, "ix_material_institution_id_material_id"),
    ({"q": "皮影"}, "ix_material_search_terms"),
    ({"q": "piying"}, "ix_material_search_terms"),
    ({"q": "数学", "stage": ["junior"]}, "ix_material_"),
    ({"retention_due_by": "2027-01-02"}, "ix_material_retain_until"),
]


def test_an_index_is_used_at_ten_thousand_materials_of_one_institution(kit, owner, crowd, titles):
    institution_id = owner.principal.institution_id
    with kit.runtime.database.autocommit.connect() as reader:
        for filters, index in PLANS:
            query = listed_columns(institution_id, filters, ("title",)).limit(21)
            query = query.compile(reader, compile_kwargs={"render_postcompile": True})
            explained = reader.exec_driver_sql(f"EXPLAIN {query}", query.params)
            plan = "\n".join(explained.scalars())
            assert index in plan, (filters, plan)
            assert "Seq Scan" not in plan, (filters, plan)

    assert titles(q="皮影") == ["皮影艺术1"]
