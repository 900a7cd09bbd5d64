"""The whole catalogue: the families of rules, put together by name."""

from functools import cache

from otsp_compliance.rules import (
    completeness,
    courses,
    deregistration,
    funds,
    licence,
    materials,
    party,
    qualifications,
    sites,
    staff,
    systems,
    training_time,
)
from otsp_compliance.rules.registry import Catalogue, collect


@cache
def catalogue() -> Catalogue:
    """Every version of every rule that an application is judged by."""
    return collect(
        (
            completeness,
            licence,
            party,
            staff,
            qualifications,
            training_time,
            courses,
            materials,
            funds,
            sites,
            systems,
        )
    )


@cache
def closing_catalogue() -> Catalogue:
    """Every version of every rule that a deregistration is judged by."""
    return collect((deregistration,))


@cache
def all_rules() -> Catalogue:
    """Both catalogues in one: whatever can be read about, or published."""
    return Catalogue.of((*catalogue().rules, *closing_catalogue().rules))
