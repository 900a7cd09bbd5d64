"""The built-in formats take one spelling of a value: what is stored is read by others as it is."""

import pytest

from otsp_chassis.http.validation import Validator


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("time-hm", "08:30", None),
        ("time-hm", "23:59", None),
        ("time-hm", "8:30", "bad_time"),
        ("time-hm", "08:3", "bad_time"),
        ("time-hm", "24:00", "bad_time"),
        ("date", "2024-02-29", None),
        ("date", "2023-02-29", "bad_date"),
        ("date", "20240229", "bad_date"),
        ("date", "2024-W09-4", "bad_date"),
    ],
)
def test_dates_and_times_have_one_spelling(name, value, code):
    errors = Validator({"type": "string", "format": name}, {}).errors(value)

    assert [error.code for error in errors] == ([code] if code else [])
