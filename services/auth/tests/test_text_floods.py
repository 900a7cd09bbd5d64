"""S5: strangers make nobody's telephone ring: limits by number and by address, at each door.

Texts to one number are counted over all doors together; from one address each door has its own.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from otsp_chassis import clock

BASE = "/api/auth/v1"
MOBILE = "13800000061"
DOORS = {
    "registrations": "address_registrations",
    "session-codes": "address_session_codes",
    "password-resets": "address_password_resets",
    "recovery-codes": "address_recoveries",
    "data-subject-codes": "address_data_subject_codes",
}
"""Doors at which anybody may name a number, and the setting of each for one address."""
FIELDS = {"session-codes": "username", "recovery-codes": "applicant_mobile"}
"""What the number is called there; elsewhere it is the mobile."""


@pytest.fixture
def ask(kit):
    """Name a number at a door; the status and the problem."""
    visitor = kit.anonymous()

    def asked(door, mobile=MOBILE, **options):
        body = {FIELDS.get(door, "mobile"): mobile}
        answer = visitor.post(f"{BASE}/{door}", body, **options)
        return answer.status, answer.problem if answer.status >= 400 else None

    return asked


@pytest.mark.parametrize("first", DOORS)
def test_a_second_text_within_a_minute_is_refused_at_every_door(ask, first):
    begun = clock.now()
    with clock.frozen(begun):
        taken = ask(first)
        again = {door: ask(door) for door in DOORS}
    with clock.frozen(begun + timedelta(seconds=60)):
        later = ask(first)

    assert taken == later == (201, None)
    assert again == dict.fromkeys(DOORS, (429, "too-many-texts"))


def test_the_eleventh_text_of_a_day_is_refused_whatever_doors_the_ten_came_through(ask):
    begun, doors = clock.now(), [*DOORS, *DOORS]
    for minute, door in enumerate(doors):
        with clock.frozen(begun + timedelta(minutes=2 * minute)):
            assert ask(door) == (201, None)
    with clock.frozen(begun + timedelta(hours=23)):
        refused = {door: ask(door) for door in DOORS}
    with clock.frozen(begun + timedelta(days=1, minutes=1)):
        next_day = ask("session-codes")

    assert refused == dict.fromkeys(DOORS, (429, "too-many-texts"))
    assert next_day == (201, None)


@pytest.mark.parametrize("door", DOORS)
def test_one_address_names_so_many_numbers_and_no_more(make_kit, kit, door):
    runtime = kit.runtime
    few = runtime.settings.model_copy(update={DOORS[door]: 3, "exempt_loopback": False})
    app = kit.service.wsgi(replace(runtime, settings=few)).test_client()

    def from_(address, number):
        return app.post(
            f"{BASE}/{door}",
            json={FIELDS.get(door, "mobile"): f"1380000{number:04d}"},
            headers={"X-Forwarded-For": address},
        )

    answers = [from_("203.0.113.7", number) for number in range(4)]
    elsewhere = from_("203.0.113.8", 9)

    assert [each.status_code for each in (*answers, elsewhere)] == [201, 201, 201, 429, 201]
    assert answers[-1].json["type"] == "urn:otsp:problem:address-exhausted"
    assert int(answers[-1].headers["Retry-After"]) > 0
