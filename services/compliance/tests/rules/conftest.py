"""The sample snapshots, ways to judge changed ones, and the tables of cases."""

import importlib.util
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from otsp_compliance.rules.catalogue import closing_catalogue
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.engine import judge as judge_facts
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.parameters import NATIONAL

HERE = Path(__file__).parent
FAMILIES = ("licence", "staff", "training_time", "courses", "funds")


def _beside(name):
    spec = importlib.util.spec_from_file_location(f"compliance_{Path(name).stem}", HERE / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_dossiers = _beside("dossiers.py")
_closing = _beside("cases/closing.py")


def _all_cases():
    """Every case of every table, closings last; a day is given where it is not the sample's."""
    for family in FAMILIES:
        for rule_id, sample, changes, expected, *day in _beside(f"cases/{family}.py").CASES:
            yield SimpleNamespace(
                rule_id=rule_id,
                sample=sample,
                changes=changes,
                typed=None,
                expected=expected,
                as_of=day[0] if day else None,
            )
    for rule_id, changes, typed, expected in _closing.CASES:
        yield SimpleNamespace(
            rule_id=rule_id, sample="A", changes=changes, typed=typed, expected=expected, as_of=None
        )


CASES = tuple(_all_cases())
TOLD = yaml.safe_load((HERE / "cases" / "told.yaml").read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc):
    """`case` is each case of the tables in turn, `rule_id` each rule that has cases."""
    if "case" in metafunc.fixturenames:
        ids = [f"{number}-{case.rule_id}" for number, case in enumerate(CASES)]
        metafunc.parametrize("case", CASES, ids=ids)


@pytest.fixture(scope="session")
def cases():
    return CASES


@pytest.fixture(scope="session")
def quoted():
    """What is told of the broken cases of each rule."""
    return TOLD


@pytest.fixture(scope="session")
def samples():
    return _dossiers.snapshots()


@pytest.fixture(scope="session")
def calendar():
    return _dossiers.StatutoryCalendar()


@pytest.fixture
def changed(samples):
    """A sample with other values at some places, such as {"staff/T1/quals": []}."""

    def change(sample, changes=None):
        return _dossiers.changed(samples[sample], changes or {})

    return change


@pytest.fixture(scope="session")
def judged():
    """The evaluation of a snapshot by the whole catalogue, on its own day unless told otherwise."""
    return _dossiers.judged


@pytest.fixture
def judge(changed):
    """The evaluation of a changed sample, on the sample's own day unless told otherwise."""

    def evaluation(sample, changes=None, *, as_of=None, exceptions=None):
        day = date.fromisoformat(as_of) if as_of else None
        return _dossiers.judged(changed(sample, changes), day, exceptions)

    return evaluation


@pytest.fixture
def close(changed, calendar):
    """The evaluation of sample A, emptied and settled but for these differences, that closes."""

    def evaluation(changes, typed, *, exceptions=None):
        facts = Facts(
            changed("A", _closing.EMPTIED | changes),
            as_of=date(2024, 10, 15),
            parameters=NATIONAL,
            calendar=calendar,
            closing=None if typed is None else Closing(**(_closing.SETTLED | typed)),
        )
        return judge_facts(facts, closing_catalogue(), exceptions or {})

    return evaluation


@pytest.fixture
def document_of(changed):
    """What a case is about, as plain data."""

    def document(case):
        if case.typed is None:
            return changed(case.sample, case.changes).model_dump(mode="json")
        snapshot = changed("A", _closing.EMPTIED | case.changes).model_dump(mode="json")
        typed = {name: plain(one) for name, one in (_closing.SETTLED | case.typed).items()}
        return snapshot | {"closing": typed}

    return document


def plain(value):
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture
def evaluation_of(judge, close):
    """What comes of a case."""

    def evaluate(case):
        if case.typed is None:
            return judge(case.sample, case.changes, as_of=case.as_of)
        return close(case.changes, case.typed)

    return evaluate


@pytest.fixture(scope="session")
def offending():
    """The objects that a rule names in an evaluation; None when kept, else "unjudged"."""
    return _dossiers.offenders


@pytest.fixture
def offenders(judge):
    """The object ids a rule finds in a changed sample; None when it is kept, else "unjudged"."""

    def find(rule_id, sample, changes=None, as_of=None):
        return _dossiers.offenders(judge(sample, changes, as_of=as_of), rule_id)

    return find
