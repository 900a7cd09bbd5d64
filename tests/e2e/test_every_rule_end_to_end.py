"""Every rule of the catalogue, broken by a dossier that goes through the gateway.

`otsp dossier --self-check` enters it; all findings of the self-check are those that the rules in
process have for the same case, and the rule names the object that its case table names.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from otsp_cli.dossier.desk import UNKNOWN
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.snapshots.dossier import parse_dossiers

_spec = spec_from_file_location("breakages", Path(__file__).parent / "breakages.py")
broken = module_from_spec(_spec)
_spec.loader.exec_module(broken)

SELF_CHECKS = "/api/compliance/v1/self-checks"
GROUPS = ("blocking", "warnings", "excused", "data")
AT_MOST = 4
"""Rules a dossier: few enough to see what is wrong, and thirty dossiers for all of them."""
CASES = broken.chosen_cases()
BREAKAGES = broken.breakages(CASES, AT_MOST)


@dataclass(frozen=True)
class Checked:
    """What the platform came to, by the dossier's own names."""

    result: dict[str, Any]
    findings: list[dict[str, Any]]


@pytest.fixture(scope="module")
def loader(demo):
    """What `otsp dossier --self-check` loads dossiers with."""
    with Gateway.at(demo.url) as gateway:
        supervision = Supervision(gateway, Accounts(demo.run_dir / "accounts.json"))
        options = Options(is_self_check=True)
        yield Loader(gateway, supervision, options=options, say=lambda _: None)


@pytest.fixture(scope="module")
def checked(loader):
    """The self-check of a breakage; each dossier is entered once, when first asked for."""

    @cache
    def check(serial):
        [breakage] = [one for one in BREAKAGES if one.serial == serial]
        [result] = loader.results(parse_dossiers([breakage.dossier]))
        assert "errors" not in result, result
        return Checked(result, _findings(loader.entered[result["sample"]], breakage))

    return check


def _findings(entered, breakage):
    """In full, as the institution reads them."""
    session, institution_id = entered.account.session, entered.account.institution_id
    [newest] = session.list_all(SELF_CHECKS, institution_id=institution_id)
    found = session.get(f"{SELF_CHECKS}/{newest['self_check_id']}")["findings"]
    names = {**entered.references, UNKNOWN: broken.NOBODYS_FEE, **_contents(session, breakage)}
    return [_named(finding, names) for group in GROUPS for finding in found[group]]


def _contents(session, breakage):
    """The hashes of what was uploaded, by the names that the dossier has for them."""
    materials = session.list_all(
        f"/api/materials/v1/institutions/{session.account['institution_id']}/materials"
    )
    typed = {material["title"]: material for material in breakage.dossier["materials"]}
    return {
        stored[name]: typed[stored["title"]][name]
        for stored in materials
        for name in ("content_sha256", "reviewed_sha256")
    }


def _named(value, names):
    """Platform ids by the dossier's names, wherever they stand."""
    if isinstance(value, dict):
        return {key: _named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _told_by_platform(findings):
    return sorted(
        (
            one["rule_id"],
            one["severity"],
            one["message_zh"],
            [_place(**each) for each in one["breaches"]],
        )
        for one in findings
    )


def _place(*, object_ids, pointer, found, required, **_):
    return tuple(object_ids), pointer, found, required


def _printed(findings):
    """By `otsp dossier`, with the dossier's own names for the objects."""
    told = [(one["rule_id"], one["message_zh"], frozenset(one["object_ids"])) for one in findings]
    return [(rule_id, objects) for rule_id, _, objects in sorted(told)]


def _told_in_process(evaluation):
    return sorted(
        (
            one.rule_id,
            one.severity.value,
            one.message_zh,
            [
                (each.object_ids, each.pointer, _plain(each.found), _plain(each.required))
                for each in one.breaches
            ],
        )
        for one in evaluation.findings
    )


def _plain(told):
    """As JSON has it: no tuples."""
    if isinstance(told, tuple | list):
        return [_plain(one) for one in told]
    if isinstance(told, dict):
        return {key: _plain(one) for key, one in told.items()}
    return told


def test_every_rule_has_a_dossier_that_breaks_it():
    assert [case.rule_id for case in CASES] == broken.RULE_IDS
    assert sorted(one.rule_id for each in BREAKAGES for one in each.cases) == broken.RULE_IDS


@pytest.mark.parametrize("breakage", BREAKAGES, ids=str)
def test_a_dossier_has_exactly_the_findings_of_the_rules_in_process(breakage, checked):
    found = checked(breakage.serial)
    expected = breakage.expected()

    assert _told_by_platform(found.findings) == _told_in_process(expected)
    assert _printed(found.result["findings"]) == broken.told(expected)
    assert found.result["blocking"] == list(expected.blocking)
    assert found.result["warnings"] == list(expected.warnings)


@pytest.mark.parametrize(
    ("case", "serial"),
    [pytest.param(case, one.serial, id=case.rule_id) for one in BREAKAGES for case in one.cases],
)
def test_a_rule_names_the_object_of_its_case(case, serial, checked):
    found = [(one["rule_id"], set(one["object_ids"])) for one in checked(serial).findings]

    assert (case.rule_id, case.expected) in found


def test_what_is_typed_for_closing_is_not_taken_for_an_application(demo):
    """The filing of a deregistration is not there yet: it is said, and nothing is filed."""
    [closing] = [one for one in BREAKAGES if one.is_of_closing][:1]
    with Gateway.at(demo.url) as gateway:
        supervision = Supervision(gateway, Accounts(demo.run_dir / "accounts.json"))
        filing = Loader(
            gateway, supervision, options=Options(is_self_check=False), say=lambda _: None
        )
        [result] = filing.results(parse_dossiers([closing.dossier]))

    assert result["state"] == "invalid"
    assert [(one["pointer"], one["code"]) for one in result["errors"]] == [
        ("/closing", "not_filed")
    ]


@pytest.mark.parametrize("refused", broken.REFUSED.values(), ids=broken.REFUSED)
def test_what_is_passed_over_in_the_tables_is_refused(refused, loader):
    *change, pointer, code = refused
    [result] = loader.results(parse_dossiers([broken.refused_dossier(*change)]))

    assert result["state"] == "invalid"
    assert [(one["pointer"], one["code"]) for one in result["errors"]] == [(pointer, code)]
