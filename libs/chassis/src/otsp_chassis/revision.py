"""Which schema the code expects. Apart from `migrate`, so that an API process loads no Alembic."""

from importlib import resources


def newest_revision(package: str) -> str:
    """The committed head: one line in the package's migrations/HEAD."""
    head = resources.files(package).joinpath("migrations", "HEAD")
    return head.read_text(encoding="utf-8").strip()
