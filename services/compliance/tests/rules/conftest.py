"""The sample snapshots, and one way to judge a changed one."""

import importlib.util
from datetime import date
from pathlib import Path

import pytest

from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.engine import evaluate
from otsp_compliance.rules.parameters import resolve

_spec = importlib.util.spec_from_file_location(
    "compliance_dossiers", Path(__file__).with_name("dossiers.py")
)
_dossiers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_dossiers)


@pytest.fixture(scope="session")
def samples():
    return _dossiers.snapshots()


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
        snapshot = changed(sample, changes)
        return evaluate(
            snapshot,
            as_of=date.fromisoformat(as_of) if as_of else snapshot.as_of,
            parameters=resolve(snapshot.region),
            calendar=_dossiers.StatutoryCalendar(),
            catalogue=catalogue(),
            exceptions=exceptions or {},
        )

    return evaluation


@pytest.fixture
def offenders(judge):
    """The object ids a rule finds in a changed sample; None when it is kept, else "unjudged"."""

    def find(rule_id, sample, changes=None, as_of=None):
        findings = judge(sample, changes, as_of=as_of).findings
        for finding in findings:
            if finding.rule_id == rule_id:
                return set(finding.object_ids)
        lacking = {
            one.required["rule_id"]
            for f in findings
            if f.rule_id == "CMP-000"
            for one in f.breaches
        }
        return "unjudged" if rule_id in lacking else None

    return find
