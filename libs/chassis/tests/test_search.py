"""What a Chinese text is found by, asked of a real database."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis.db import COLUMN_TYPES, Database
from otsp_chassis.pinyin import SPLITS_TRIED, readings, splits
from otsp_chassis.problems import BadParameter
from otsp_chassis.search import Searchable, matching, search_index, terms, text_of

NAME = "杭州新光（Star）教育第2学校"
HAN = "杭州新光教育培训学校重庆朝阳行知乐单绿女儿安西"
TEXTS = st.text(st.sampled_from(HAN + "aAbB1２（ ）·-"), min_size=2, max_size=9)
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Named(Searchable, Base):
    __tablename__ = "named"
    __table_args__ = (search_index("named"),)

    number: Mapped[int] = mapped_column(primary_key=True)


@pytest.fixture
def database(kit):
    """Where the table of named rows and its index are, to the end of the test."""
    engine = create_engine(kit.owner_url.replace("://", "+psycopg://", 1))
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        yield connection
        connection.rollback()
    engine.dispose()


def finds(database, q, *texts):
    row = Named()
    row.found_by(*texts)
    told = {"number": 1, "search_text": row.search_text, "search_terms": row.search_terms}
    with database.begin_nested() as savepoint:
        database.execute(insert(Named).values(told))
        found = database.scalar(select(Named.number).where(matching(Named.__table__.c, q)))
        savepoint.rollback()
    return found == 1


@pytest.mark.parametrize(
    "q",
    [
        "新光", "光（Star", "star教", "STAR", "ｓｔａｒ", "ta", "第2", "２学", " 学校 ", "光-star",
        "xinguang", "XinGuang", "hangzhou", "hangzh", "hangz", "xingu", "jiaoyu", "xuexiao",
        "hzxg", "xg", "zx", "HZXG", "gstar", "jyd2", "d2xx", "xing",
        "光 教育", "杭州 star xg", "学 杭州",
    ],
)  # fmt: skip
def test_name_is_found_by(database, q):
    assert finds(database, q, NAME)


@pytest.mark.parametrize(
    "q",
    [
        "光新", "新教", "star光", "21", "第1", "angzhou", "ouxin", "zhouguang", "hangxin",
        "gx", "hg", "xgh", "新光 北京", "新光 bj",
    ],
)  # fmt: skip
def test_name_is_not_found_by(database, q):
    assert not finds(database, q, NAME)


@pytest.mark.parametrize(
    ("name", "q"),
    [
        ("重庆", "chongqing"), ("重庆", "cq"), ("长乐", "changle"), ("行知", "xingzhi"),
        ("银行", "yh"), ("厦门", "xiamen"), ("单雄信", "shan"), ("女儿", "nver"),
        ("女儿", "nüer"), ("吕布", "lvbu"), ("西安", "xian"), ("先生", "xian"), ("西安", "xa"),
        ("当安", "dangan"), ("单干", "dangan"), ("〇一", "ly"), ("阿依·古丽", "阿依古丽"),
        ("978-7-107-18617-0", "9787107186170"), ("9787107186170", "978-7-107"),
        ("ABC英语", "abcyy"), ("語文", "yuwen"),
    ],
)  # fmt: skip
def test_any_reading_of_a_character_counts(database, name, q):
    assert finds(database, q, name)


@pytest.mark.parametrize(
    ("name", "q"),
    [
        ("安国航国信", "agx"),  # a·g and g·x are there, but not one after the other
        ("新光广新", "gxg"),
        ("新光，新城光华", "xinguanghua"),
        ("光新光", "xinxin"),
        ("光新校新光", "新光新"),
    ],
)
def test_what_the_index_finds_is_compared_with_the_text(database, name, q):
    assert not finds(database, q, name)


@pytest.mark.parametrize("q", ["", " ", "新", "x", "1", "新 光", "（光）", "，。"])
def test_fewer_than_two_characters_are_refused(q):
    with pytest.raises(BadParameter) as refusal:
        matching(Named.__table__.c, q)

    [error] = refusal.value.errors
    assert (error.pointer, error.code) == ("/q", "too_short")
    assert error.detail.startswith("请输入至少两个字、拼音字母或数字")


def test_wildcards_are_characters_like_any_other(database):
    assert not finds(database, "新%校", NAME)
    assert not finds(database, "新__校", NAME)
    assert finds(database, "新%光", NAME)


def test_row_is_found_by_each_of_its_texts_and_not_across_them(database):
    texts = ["杭州新光", None, "", "启明"]

    assert finds(database, "新光 启明 qm", *texts)
    assert not finds(database, "光启", *texts)
    assert not finds(database, "gq", *texts)
    assert not finds(database, "guangqi", *texts)


def test_row_without_texts_is_found_by_nothing(database):
    assert not finds(database, "新光")
    assert not finds(database, "新光", None)


def test_what_a_row_was_found_by_is_forgotten():
    row = Named()
    row.found_by("启明")
    row.found_by("新光")

    assert (row.search_text, row.search_terms) == (text_of("新光"), terms("新光"))


@MANY
@given(TEXTS, st.data())
def test_text_is_found_by_every_part_of_two_characters_or_more(database, told, data):
    start = data.draw(st.integers(0, len(told) - 2))
    part = told[start : data.draw(st.integers(start + 2, len(told)))]
    assume(sum(each.isalnum() for each in part.replace(" ", "")) >= 2)
    assume(max(len("".join(filter(str.isalnum, each))) for each in part.split()) >= 2)

    assert finds(database, part, told)


@MANY
@given(st.text(st.sampled_from(HAN), min_size=2, max_size=5), st.data())
def test_han_text_is_found_by_its_pinyin_and_by_its_initials(database, told, data):
    read = [data.draw(st.sampled_from(readings(each))) for each in told]
    name = data.draw(st.sampled_from(["", "a1", "安"])) + told + data.draw(st.sampled_from("学b"))

    assert finds(database, "".join(each[0] for each in read), name)
    if tuple(read) in splits("".join(read)):
        assert finds(database, "".join(read), name)
        assert finds(database, "".join(read)[:-1], name) or len("".join(read)) == 2


@MANY
@given(TEXTS, st.text(st.sampled_from("新光学校女"), min_size=2, max_size=3))
def test_han_query_finds_just_the_texts_that_hold_it(database, told, q):
    bare = "".join(each for each in told if each.isalnum())

    assert finds(database, q, told) == (q in bare)


def test_letters_are_split_into_syllables_of_which_the_last_may_be_begun():
    assert list(splits("xinguang")) == [
        ("xin", "guang"),
        ("xin", "guan", "g"),
        ("xin", "gu", "ang"),
        ("xin", "gu", "an", "g"),
    ]
    assert list(splits("xing")) == [("xing",), ("xin", "g")]
    assert list(splits("iq")) == []
    assert len(list(splits("danganan" * 4))) == SPLITS_TRIED


def test_index_is_used(database):
    rows = select(
        text("number"),
        text("'第' || number AS told"),
        text("ARRAY['第' || number % 1000, left(md5(number::text), 2)] AS terms"),
    ).select_from(text("generate_series(1, 20000) AS number"))
    database.execute(insert(Named).from_select(["number", "search_text", "search_terms"], rows))
    database.execute(text("REINDEX INDEX ix_named_search_terms"))  # as if written long ago
    database.execute(text("ANALYZE named"))

    for q in ("新光", "xinguang", "xg", "新光 star"):
        found = select(Named.number).where(matching(Named.__table__.c, q)).compile(database)
        plan = "\n".join(database.exec_driver_sql(f"EXPLAIN {found}", found.params).scalars())
        assert "ix_named_search_terms" in plan, plan
        assert "Seq Scan" not in plan, plan


@pytest.fixture
def reader(kit):
    """A connection of a service's kind, with the table of named rows."""
    owned = Database(kit.owner_url, service="x", pool_size=1, pool_timeout=1, statement_ms=5000)
    with owned.engine.connect() as connection:
        connection.execute(
            text("CREATE TEMP TABLE named (number int, search_text text, search_terms text[])")
        )
        yield connection
    owned.dispose()


def test_each_search_is_planned_by_its_own_words(reader):
    for q in ("新光", "xg", "新光 star") * 12:
        reader.execute(select(Named.number).where(matching(Named.__table__.c, q)))
        reader.execute(select(Named.number).where(Named.search_text == q))

    prepared = reader.execute(text("SELECT statement FROM pg_prepared_statements")).scalars()

    told = "\n".join(prepared)
    assert "named.search_text =" in told
    assert "search_terms" not in told


def test_what_a_search_finds_may_come_in_pages_of_the_server(reader):
    row = {"number": 1, "search_text": text_of("新光"), "search_terms": terms("新光")}
    reader.execute(insert(Named).values(row))

    query = select(Named.number).where(matching(Named.__table__.c, "xg"))
    paged = reader.execution_options(stream_results=True).execute(query)

    assert paged.scalars().all() == [1]
