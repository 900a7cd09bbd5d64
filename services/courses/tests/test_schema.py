"""The database is what the model says."""

from otsp_chassis.migrate import undeclared_changes
from otsp_courses.model import Base


def test_migrations_and_model_agree(kit):
    assert undeclared_changes(kit.owner_url, Base.metadata) == []
