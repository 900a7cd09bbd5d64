"""What of the suite shares a process, and what begins first."""

from types import SimpleNamespace

import pytest

from otsp_testkit.scheduling import in_order, kept_for, leave, scope_of


class Named:
    def __init__(self, nodeid, config=None):
        self.nodeid = nodeid
        self.config = config


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/e2e/test_demo.py::test_it_runs", "platform"),
        ("tests/over_rabbitmq/test_demo.py::test_it_runs", "platform"),
        ("tests/faults/platform/test_x.py::test_it[a::b]", "platform"),
        ("tests/bench/test_bench.py::test_it", "platform"),
        ("tests/flows/test_filing.py::test_it", "tests/flows/"),
        ("services/staff/tests/test_staff.py::test_it[x]", "services/staff/tests/test_staff.py"),
    ],
)
def test_tests_that_share_servers_share_a_process(nodeid, scope):
    assert scope_of(nodeid) == scope


def test_the_longest_begin_and_the_rest_keep_its_random_order():
    names = [
        "services/staff/tests/test_b.py::test_1",
        "tests/security/test_a.py::test_2",
        "services/staff/tests/test_a.py::test_3",
        "tests/faults/test_a.py::test_4",
    ]

    ordered = [each.nodeid for each in in_order([Named(name) for name in names])]

    assert ordered == [names[3], names[1], names[0], names[2]]


def test_folders_that_stand_alone_follow_each_other():
    names = [
        "tests/faults/test_a.py::test_1",
        "tests/browser/test_b.py::test_2",
        "tests/faults/test_c.py::test_3",
        "tests/browser/test_d.py::test_4",
    ]

    ordered = [each.nodeid for each in in_order([Named(name) for name in names])]

    assert ordered == [names[1], names[3], names[0], names[2]]


def test_what_folders_share_ends_with_the_last_test_of_them_here():
    ended = []
    config = SimpleNamespace(stash=pytest.Stash())
    page, first, last = (
        Named(f"tests/{name}", config)
        for name in ("browser/test_a.py::test_1", "e2e/test_a.py::test_2", "e2e/test_b.py::test_3")
    )
    kept_for(config, "tests/browser/", "tests/e2e/").callback(ended.append, "demo")
    kept_for(config, "tests/browser/").callback(ended.append, "visitors")

    leave(page, first)
    assert ended == ["visitors"]
    leave(first, last)
    assert ended == ["visitors"]
    leave(last, Named("tests/faults/test_a.py::test_4", config))
    assert ended == ["visitors", "demo"]
    leave(last, None)
    assert ended == ["visitors", "demo"]
