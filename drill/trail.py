"""A trail of every event that was committed: kept by the databases, unknown to the services.

The outbox forgets an event when the broker has it. A trigger, put there by the drill, copies each
row in the transaction that writes it, so that afterwards every event can be asked for. Who only
stands by (`drill.bystanders`) is named in a table beside it.
"""

from collections.abc import Iterable

import psycopg

_STATEMENTS = """
CREATE TABLE IF NOT EXISTS drill_bystander (institution_id uuid PRIMARY KEY);
DROP TABLE IF EXISTS drill_trail;
CREATE TABLE drill_trail (
  sequence bigint PRIMARY KEY, event_id uuid NOT NULL, type text NOT NULL, subject text NOT NULL,
  at timestamptz NOT NULL
);
CREATE OR REPLACE FUNCTION drill_trail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
BEGIN
  INSERT INTO drill_trail
  VALUES (NEW.sequence, NEW.event_id, NEW.type, NEW.subject, clock_timestamp());
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS drill_trail ON outbox;
CREATE TRIGGER drill_trail AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION drill_trail();
"""


def begin(urls: Iterable[str]) -> None:
    """In every database, as its superuser; what was before is not in it."""
    for url in urls:
        with psycopg.connect(url) as connection:
            connection.execute(_STATEMENTS)
