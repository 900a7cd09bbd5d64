"""Every operation × every caller: authorisation.yaml says who passes, and nobody else does.

Requests are generated from the specifications. With made-up ids the door is tested, with true
ids the rows behind it.
"""

import pytest

from otsp_auth.rules.roles import scopes_of
from otsp_testkit.specifications import JSON, all_operations

PASSED, NO_IDENTITY, NO_SCOPE, NOT_THEIRS, ABSENT = range(5)
"""Outcomes of a request; see `outcome`."""
REFERENCES = {"file_id", "host_id"}

OTHERS = ("other_institution", "reviewer_elsewhere", "region_admin_elsewhere")

OPERATIONS = all_operations()
WITH_ROWS = [each for each in OPERATIONS if each.parameter_names("path")]
READS = [each for each in WITH_ROWS if each.method == "get"]
LISTS = [each for each in OPERATIONS if each.method == "get" and each not in READS]
BELOW_AN_INSTITUTION = [
    each for each in WITH_ROWS if "institution_id" in each.parameter_names("path")
]
ROWS_BELOW = [
    each
    for each in BELOW_AN_INSTITUTION
    if len(each.parameter_names("path")) > 1
    and "section" not in each.parameter_names("path")
    and ".masked_exports." not in each.id
    and set(each.scopes()) <= scopes_of("inst_admin")
]
"""A section is a name that everybody's drafts have; what an authority alone does, no institution
comes as far as the rows of.
"""
PUBLISHED = {"otsp_compliance.api.register.look_up": {"institution_id"}}
"""Whom the register shows, it shows to all."""
NAMING_ROWS = [
    each
    for each in BELOW_AN_INSTITUTION
    if each.method == "post" and JSON in each.content() and REFERENCES & each.example().keys()
]


SUSPENDS = "otsp_institution.api.measures.suspend"
"""Whoever may, did it to the institution of all other tests: it goes on as before."""
(RESUMES,) = [each for each in OPERATIONS if each.id == "otsp_institution.api.measures.resume"]


def over(operations):
    return pytest.mark.parametrize("operation", operations, ids=lambda each: each.id)


def outcome(answer):
    """A refusal of the operation names the missing scopes; others are about its rows."""
    if answer.status < 400:
        return PASSED
    if answer.problem == "unauthorised":
        return NO_IDENTITY
    if answer.status == 403:
        return NO_SCOPE if "missing_scopes" in answer.json else NOT_THEIRS
    return ABSENT if answer.status == 404 else PASSED


def expected(operation, column, *, callers, may_pass):
    """The outcomes that are no surprise; an id that was made up is absent for all."""
    if column in may_pass[operation.id]:
        return {PASSED, ABSENT}
    if column not in callers.accounts:
        return {NO_IDENTITY}
    if not set(operation.scopes()) <= scopes_of(callers.principal(column).role):
        return {NO_SCOPE}
    return {NOT_THEIRS, ABSENT}


def test_every_operation_has_its_line_and_every_line_its_operation(may_pass):
    assert sorted(may_pass) == sorted(each.id for each in OPERATIONS)


def test_lines_name_only_callers_that_can_prove_something(may_pass, callers):
    named = {column for columns in may_pass.values() for column in columns}

    assert named <= {"anonymous", *callers.accounts}


def test_only_operations_without_a_scope_let_anybody_pass(may_pass):
    public = {each.id for each in OPERATIONS if not each.scopes()}

    assert {each for each, columns in may_pass.items() if "anonymous" in columns} == public


def surprises(operation, columns, *, ids, world, may_pass):
    """Column → what it got instead."""
    found = {column: world.send(operation, column, ids) for column in columns}
    return {
        column: (answer.status, answer.content)
        for column, answer in found.items()
        if outcome(answer)
        not in expected(operation, column, callers=world.callers, may_pass=may_pass)
    }


@over(OPERATIONS)
def test_operation_lets_pass_whom_it_should_and_nobody_else(operation, world, may_pass):
    columns = world.callers.columns

    assert surprises(operation, columns, ids=world.fixed, world=world, may_pass=may_pass) == {}
    if operation.id == SUSPENDS:
        assert world.send(RESUMES, "region_admin", world.fixed).status == 201


@over(WITH_ROWS)
def test_rows_are_neither_read_nor_changed_by_others(operation, world, may_pass):
    others = [each for each in world.callers.columns if each not in may_pass[operation.id]]
    before = world.photograph(operation.service)

    assert surprises(operation, others, ids=world.ids, world=world, may_pass=may_pass) == {}
    assert world.photograph(operation.service) == before


@over(READS)
def test_rows_are_read_by_those_whom_they_concern(operation, world, may_pass):
    found = {column: world.send(operation, column).status for column in may_pass[operation.id]}

    assert found == dict.fromkeys(found, 200)


@over(WITH_ROWS)
def test_a_case_is_its_authoritys_whoever_of_it_has_it(operation, world):
    """A second reviewer of the authority, who never touched the case, is let as far as the first.

    With made-up ids for what would change the row that the next one is asked about. An export is
    of who asked for it, and a picture bears the name of who looks at it.
    """
    ids = world.ids if operation.method == "get" else world.fixed
    one, other = (world.send(operation, column, ids) for column in ("reviewer", "colleague"))

    is_their_own = outcome(one) == PASSED and "export_id" in operation.parameter_names("path")
    assert outcome(other) == (ABSENT if is_their_own else outcome(one))
    if operation.method == "get" and other.status == 200:
        assert other.headers["Content-Type"] == "image/jpeg" or other.content == one.content


@over(ROWS_BELOW)
def test_rows_of_another_institution_are_not_found_under_ones_own(operation, world):
    ids = world.ids | {"institution_id": str(world.callers.other_institution_id)}
    before = world.photograph(operation.service)

    answer = world.send(operation, "other_institution", ids)

    assert (answer.status, answer.problem) == (404, "not-found")
    assert world.photograph(operation.service) == before


@over(NAMING_ROWS)
def test_rows_of_another_institution_cannot_be_referred_to(operation, world):
    ids = world.ids | {"institution_id": str(world.callers.other_institution_id)}
    before = world.photograph(operation.service)

    answer = world.send(operation, "other_institution", ids)

    assert answer.status in {404, 422}, answer.content
    assert world.photograph(operation.service) == before


@over(LISTS)
def test_lists_hold_nothing_of_others(operation, world, may_pass):
    """What belongs to no institution is everybody's: regions, authorities, rules."""
    of_everybody = {"region_code", "authority_id", "rule_id", "re_evaluation_id", "expires_on"}
    of_everybody |= {
        "list_type",
        "figure",
        "month",
        "part",
        "compliance.register.day",
        "compliance.register.name",
    }
    of_everybody |= PUBLISHED.get(operation.id, set())
    rows = set(world.ids.values()) - {world.ids[name] for name in of_everybody}
    for column in OTHERS:
        if column in may_pass[operation.id]:
            answer = world.send(operation, column)
            assert answer.status in {200, 204, 404}, answer.content
            assert [each for each in rows if each.encode() in answer.content] == []
