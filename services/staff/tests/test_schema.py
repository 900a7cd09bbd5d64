"""The tables are those of the migrations, and the contract's codes those of the rules."""

from importlib import resources

import yaml

from otsp_chassis.migrate import undeclared_changes
from otsp_staff.model import Base
from otsp_staff.rules.blacklist import RED_LINES_ZH


def test_the_model_and_the_migrated_database_are_in_step(kit):
    assert undeclared_changes(kit.owner_url, Base.metadata) == []


def test_the_contract_offers_exactly_the_eleven_red_lines():
    text = resources.files("otsp_staff").joinpath("openapi.yaml").read_text(encoding="utf-8")
    schemas = yaml.safe_load(text)["components"]["schemas"]

    offered = schemas["BlacklistCreate"]["properties"]["reason"]["enum"]

    assert offered == list(RED_LINES_ZH)
    assert len(offered) == 11
