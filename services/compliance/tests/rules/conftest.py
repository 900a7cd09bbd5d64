"""The sample snapshots, and one way to judge a changed one."""

import importlib.util
from datetime import date
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location(
    "compliance_dossiers", Path(__file__).with_name("dossiers.py")
)
_dossiers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_dossiers)


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


@pytest.fixture
def judge(changed):
    """The evaluation of a changed sample, on the sample's own day unless told otherwise."""

    def evaluation(sample, changes=None, *, as_of=None, exceptions=None):
        day = date.fromisoformat(as_of) if as_of else None
        return _dossiers.judged(changed(sample, changes), day, exceptions)

    return evaluation


@pytest.fixture
def offenders(judge):
    """The object ids a rule finds in a changed sample; None when it is kept, else "unjudged"."""

    def find(rule_id, sample, changes=None, as_of=None):
        return _dossiers.offenders(judge(sample, changes, as_of=as_of), rule_id)

    return find
