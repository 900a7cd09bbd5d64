"""Values: a typo is refused wherever it stands, and so is what is wrong together."""

import helm_python
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otsp_local.chart import CHART
from otsp_testkit.chart import defaults, faults, flat, newest_minors, put, render, schema

FREE = {"podLabels", "podAnnotations", "global", "annotations", "labels", "dashboardLabels"}
"""Folders whose keys are the reader's own."""
FREE |= {"nodeSelector", "affinity", "matchLabels", "namespaceSelector", "podSelector", "jobs"}


def refusal(values):
    with pytest.raises(helm_python.HelmError) as refused:
        render(values)
    return str(refused.value)


def folders():
    inner = [path for path, value in flat(defaults()) if isinstance(value, dict)]
    return [(), *(path for path in inner if not FREE & set(path))]


def test_a_typo_is_refused_at_every_level():
    assert len(folders()) > 80
    with helm_python.Chart.load(CHART) as chart:
        for path in folders():
            with pytest.raises(helm_python.HelmError, match="replcas"):
                chart.validate_schema(put((*path, "replcas"), 1))


def test_what_a_kind_of_value_is_not_is_refused():
    for values in (
        put(("api", "replicas"), "two"),
        put(("api", "replicas"), -1),
        put(("environment",), "prod"),
        put(("image", "tag"), "latest"),
        put(("image", "digest"), "sha256:short"),
        put(("publicUrl",), "https://otsp.example.gov.cn/portal"),
        put(("services", "auth", "env"), {"HASHING_SLOTS": "2"}),
        put(("services", "payroll"), {}),
        put(("edge", "exporter", "image"), "nginx/nginx-prometheus-exporter"),
        put(("edge", "exporter", "image"), "nginx/nginx-prometheus-exporter:latest"),
        put(("api", "resources"), {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": None}),
        put(("jobs", "extra"), {"enabled": True}),
        put(("database", "password"), "secret"),
    ):
        assert "schema" in refusal(values), values


def test_every_value_is_described_and_has_a_default():
    def lacking(told, here, given):
        for name, part in here.get("properties", {}).items():
            path = f"{told}.{name}"
            if "description" not in part:
                yield path
            if name != "global" and isinstance(given, dict) and name not in given:
                yield f"{path} (no default)"
            yield from lacking(path, part, (given or {}).get(name))

    whole = schema()

    assert list(lacking("", whole, defaults())) == []
    for name, definition in whole["definitions"].items():
        assert [*lacking(name, definition, None)] == []


def test_secrets_are_referred_to_and_never_given():
    given = [".".join(path) for path, _ in flat(defaults()) if path[-1].lower() == "password"]

    assert given == ["demo.password"]
    assert [each["metadata"]["name"] for each in render({}).of_kind("Secret")] == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"demo": {"enabled": True, "password": "x"}}, "refused with environment=production"),
        ({"environment": "demo", "demo": {"enabled": True}}, "demo.password must be set"),
        ({"clockOffsetDays": 3}, "clockOffsetDays must be 0"),
        ({"ingress": {"enabled": True}}, "publicUrl must be set"),
        ({"publicUrl": "http://otsp.example.gov.cn"}, "must begin with https"),
        ({"publicUrl": "https://x.cn", "httpRoute": {"enabled": True}}, "parentRefs must name"),
        ({"api": {"replicas": 9}}, "and database.maxConnections is 300"),
    ],
)
def test_values_that_do_not_fit_together_are_refused(values, told):
    assert told in refusal(values)


def test_one_service_may_say_otherwise_and_the_others_do_not_notice():
    ours = render(
        {
            "database": {"maxConnections": 1_000},
            "services": {
                "staff": {
                    "env": {"OTSP_FILE_MAX_MB": "40"},
                    "api": {
                        "replicas": 5,
                        "topologySpread": False,
                        "podDisruptionBudget": {"enabled": False},
                    },
                    "database": {"existingSecret": "staff-db", "urlKey": "uri"},
                }
            },
        }
    )
    staff, auth = (ours.named("Deployment", f"otsp-{name}") for name in ("staff", "auth"))
    pod = staff["spec"]["template"]["spec"]
    url = next(each for each in pod["containers"][0]["env"] if each["name"].endswith("BASE_URL"))
    budgets = [each["metadata"]["name"] for each in ours.of_kind("PodDisruptionBudget")]

    assert staff["spec"]["replicas"] == 5
    assert auth["spec"]["replicas"] == 2
    assert "topologySpreadConstraints" not in pod
    assert url["valueFrom"]["secretKeyRef"] == {"name": "staff-db", "key": "uri"}
    assert "otsp-staff" not in budgets
    assert "otsp-auth" in budgets


def test_what_is_unset_or_not_safe_is_told_at_the_end():
    bare, careful = (
        render({}).notes,
        render(
            {
                "publicUrl": "https://otsp.example.gov.cn",
                "files": {"s3": {"endpoint": "https://s3.example.gov.cn"}},
                "sms": {"url": "https://sms.example.gov.cn"},
                "mail": {"host": "smtp.example.gov.cn", "from": "otsp@example.gov.cn"},
                "edge": {"trustedProxies": ["10.0.0.0/16"]},
                "scanner": {"address": "clamd:3310"},
                "image": {"digest": f"sha256:{'0' * 64}"},
                "networkPolicy": {"ingressFrom": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]},
                "monitoring": {"enabled": True},
                "jobs": {"backup": {"enabled": True}},
            }
        ).notes,
    )

    for name in ("publicUrl", "sms.url", "mail.host", "files.s3.endpoint", "edge.trustedProxies"):
        assert name in bare
    assert "Unset or not safe" in bare
    assert "Unset or not safe" not in careful


def test_more_objects_come_along_with_their_templates_resolved():
    extra = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": '{{ include "otsp.fullname" . }}-own'},
    }

    assert render({"extraDeploy": [extra]}).named("ConfigMap", "otsp-own")


def test_names_are_not_longer_than_kubernetes_allows():
    """A CronJob's 52, for the moment is added to the names of its Jobs; 63 elsewhere."""
    job = {"enabled": True, "access": "gateway", "schedule": "0 1 * * *", "args": ["verify-log"]}
    ours = render({"fullnameOverride": "a" * 30, "jobs": {"b" * 21: job}})

    for each in ours.objects:
        longest = 52 if each["kind"] == "CronJob" else 63
        assert len(each["metadata"]["name"]) <= longest, each["metadata"]["name"]


workload = st.fixed_dictionaries(
    {},
    optional={
        "replicas": st.integers(1, 4),
        "threads": st.integers(1, 12),
        "topologySpread": st.booleans(),
        "preStopSeconds": st.integers(0, 60),
        "autoscaling": st.fixed_dictionaries(
            {"enabled": st.booleans()},
            optional={"minReplicas": st.integers(1, 3), "maxReplicas": st.integers(3, 5)},
        ),
        "podDisruptionBudget": st.fixed_dictionaries({"enabled": st.booleans()}),
        "nodeSelector": st.dictionaries(st.sampled_from(["disk", "zone"]), st.just("a")),
    },
)
random_values = st.fixed_dictionaries(
    {"database": st.just({"maxConnections": 10_000})},
    optional={
        "api": workload,
        "worker": workload,
        "portal": workload,
        "gateway": workload,
        "services": st.fixed_dictionaries(
            {}, optional={"courses": st.fixed_dictionaries({}, optional={"api": workload})}
        ),
        "openshift": st.booleans(),
        "environment": st.sampled_from(["production", "demo", "test"]),
        "files": st.fixed_dictionaries({"backend": st.sampled_from(["s3", "volume"])}),
        "networkPolicy": st.fixed_dictionaries({"enabled": st.booleans()}),
        "monitoring": st.fixed_dictionaries(
            {"enabled": st.booleans(), "operator": st.booleans(), "rules": st.just(False)}
        ),
        "fullnameOverride": st.sampled_from(["", "jg", "a" * 30]),
    },
)


@settings(max_examples=25)
@given(random_values)
def test_whatever_the_schema_allows_is_what_kubernetes_takes(values):
    newest = newest_minors()[-1]
    custom = {"ServiceMonitor"}

    found = [each for each in render(values).objects if each["kind"] not in custom]

    assert [fault for each in found for fault in faults(each, newest)] == []
