"""Every values file renders, is linted clean and is what the newest Kubernetes would take."""

from pathlib import Path

import helm_python
import jsonschema_rs
import kubernetes_validate
import pytest
import yaml

from otsp_local.chart import SNAPSHOT, snapshot
from otsp_testkit.chart import CHART, VARIANTS, faults, newest_minors, rendered, values_of

CUSTOM_KINDS = yaml.safe_load((Path(__file__).parent / "chart_custom_kinds.yaml").read_text())


@pytest.mark.parametrize("variant", VARIANTS)
def test_lint_finds_nothing_on_the_oldest_and_the_newest_kubernetes(variant):
    for version in ("v1.28.0", f"v{newest_minors()[-1]}.0"):
        report = helm_python.lint(CHART, values_of(variant), strict=True, kube_version=version)

        assert report["errors"] == []
        assert [each for each in report["messages"] if each["severity"] > 1] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_three_newest_minors_take_every_object(variant):
    minors = newest_minors()

    assert len(minors) == 3
    assert [
        fault
        for minor in minors
        for each in rendered(variant).objects
        if each["kind"] not in CUSTOM_KINDS
        for fault in faults(each, minor)
    ] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_objects_of_operators_fit_what_operators_read(variant):
    found = []
    for each in rendered(variant).objects:
        schema = CUSTOM_KINDS.get(each["kind"])
        if schema is not None:
            found += [
                error.message for error in jsonschema_rs.validator_for(schema).iter_errors(each)
            ]

    assert found == []


def test_kubernetes_validate_itself_says_the_same():
    """One object of each kind: schemas that are compiled once must judge as the package does."""
    of_each_kind = {each["kind"]: each for each in rendered("ha").objects}

    for kind, each in of_each_kind.items():
        if kind not in CUSTOM_KINDS:
            for minor in newest_minors():
                assert kubernetes_validate.validate(each, minor, strict=True) == minor
    spoilt = of_each_kind["Service"] | {"specification": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(spoilt, newest_minors()[-1], strict=True)


def test_an_unknown_field_of_a_pod_would_be_found():
    deployment = rendered("default").named("Deployment", "otsp-auth")
    spoilt = deployment | {"spec": deployment["spec"] | {"replica": 2}}

    assert faults(spoilt, newest_minors()[-1]) != []


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_two_objects_have_one_name(variant):
    names = [(each["kind"], each["metadata"]["name"]) for each in rendered(variant).objects]

    assert sorted(names) == sorted(set(names))


def test_the_default_renders_as_it_did():
    """`./dev export-chart` writes it anew; the difference is what a reviewer looks at."""
    assert snapshot() == SNAPSHOT.read_text(encoding="utf-8")
