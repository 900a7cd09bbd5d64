"""The tables are those of the migrations, and the contract's states those of the rules."""

from importlib import resources

import yaml

from otsp_chassis.migrate import undeclared_changes
from otsp_materials.model import Base
from otsp_materials.rules.states import STATUS_LABELS_ZH


def test_the_model_and_the_migrated_database_are_in_step(kit):
    assert undeclared_changes(kit.owner_url, Base.metadata) == []


def test_the_contract_names_exactly_the_states_of_the_rules():
    text = resources.files("otsp_materials").joinpath("openapi.yaml").read_text(encoding="utf-8")
    schemas = yaml.safe_load(text)["components"]["schemas"]

    assert schemas["Material"]["properties"]["status"]["enum"] == list(STATUS_LABELS_ZH)
