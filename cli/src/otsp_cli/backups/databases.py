"""What is asked of one database, and done to it, around its dump."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from otsp_cli.messages.desk import CannotDo

_TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_GRANTS = """
SELECT relname, relkind = 'S', array_agg(granted.privilege_type ORDER BY granted.privilege_type)
FROM pg_class, aclexplode(relacl) granted
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
  AND granted.grantee = (SELECT oid FROM pg_roles WHERE rolname = %s)
GROUP BY 1, 2 ORDER BY 1
"""
_OTHERS = """
SELECT count(*), string_agg(DISTINCT format('%s as %s', application_name, usename), ', ')
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
"""
_OURS = """
SELECT format('DROP TABLE %I.%I CASCADE', nspname, relname)
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = 'public' AND relkind IN ('r', 'p')
UNION ALL
SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'
UNION ALL
SELECT format('DROP SEQUENCE IF EXISTS %I.%I CASCADE', nspname, relname)
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'S'
"""
_DEFAULT = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT "
_PREPARED = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    _DEFAULT + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    _DEFAULT + "USAGE, SELECT ON SEQUENCES TO {role}",
)
Grants = Mapping[str, Sequence[str]]


def server_major(connection: Connection[Any]) -> int:
    return connection.info.server_version // 10_000


def role_of(url: str) -> str:
    return str(conninfo_to_dict(url)["user"])


def revision_of(connection: Connection[Any]) -> str:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def rows_by_table(connection: Connection[Any]) -> dict[str, int]:
    names = [name for (name,) in connection.execute(_TABLES)]
    return {name: _count(connection, name) for name in names}


def grants_of(connection: Connection[Any], role: str) -> tuple[dict[str, list[str]], ...]:
    """Of tables, and of sequences."""
    tables, sequences = dict[str, list[str]](), dict[str, list[str]]()
    for name, is_sequence, granted in connection.execute(_GRANTS, [role]):
        (sequences if is_sequence else tables)[name] = granted
    return tables, sequences


def require_rest(connection: Connection[Any], service: str) -> None:
    row = connection.execute(_OTHERS).fetchone()
    if row and row[0]:
        raise CannotDo(
            f"{service}: {row[0]} sessions are open in its database ({row[1]}):"
            " stop API and worker first, and whoever else that names"
        )


def require_empty(connection: Connection[Any], service: str) -> None:
    found = connection.execute(_TABLES).fetchall()
    if found:
        raise CannotDo(
            f"{service}: its database is not empty ({len(found)} tables);"
            " --replace drops what is there"
        )


def drop_everything(connection: Connection[Any]) -> None:
    for (statement,) in connection.execute(_OURS).fetchall():
        connection.execute(SQL(statement.replace("{", "{{").replace("}", "}}")).format())


def grant(connection: Connection[Any], role: str, *, tables: Grants, sequences: Grants) -> None:
    """Just these: what default privileges give beyond would open the audit trail to changes."""
    name = Identifier(role)
    for statement in _PREPARED:
        connection.execute(SQL(statement).format(role=name))
    for kind, granted in (("TABLE", tables), ("SEQUENCE", sequences)):
        for each in _names(connection, kind):
            place = {"object": Identifier(each), "role": name}
            connection.execute(
                SQL(f"REVOKE ALL ON {kind} {{object}} FROM {{role}}").format(**place)
            )
            if granted.get(each):
                words = SQL(", ").join(SQL(word) for word in granted[each])
                given = SQL(f"GRANT {{words}} ON {kind} {{object}} TO {{role}}")
                connection.execute(given.format(words=words, **place))


def _names(connection: Connection[Any], kind: str) -> list[str]:
    letters = ["S"] if kind == "SEQUENCE" else ["r", "v"]
    rows = connection.execute(
        "SELECT relname FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = ANY(%s)",
        [letters],
    )
    return [name for (name,) in rows.fetchall()]


def _count(connection: Connection[Any], table: str) -> int:
    row = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
    return int(row[0]) if row else 0
