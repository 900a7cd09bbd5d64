"""The state tables of the README are printed from the data."""

from pathlib import Path

import pytest

from otsp_compliance.rules import rectification, states

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize(
    ("transitions", "final"),
    [
        (states.TRANSITIONS, [each for each in states.State if each in states.FINAL]),
        (
            rectification.TRANSITIONS,
            [each for each in rectification.Status if each in rectification.OVER],
        ),
    ],
    ids=["application", "rectification"],
)
def test_the_readme_prints_the_state_table_as_it_is(transitions, final):
    printed = state_table(transitions, final)

    assert printed in README.read_text(encoding="utf-8"), f"print this:\n{printed}"


def state_table(transitions, final):
    rows = ["| from | action | to | who | guards |", "|---|---|---|---|---|"]
    for (state, action), step in transitions.items():
        who = ", ".join(sorted(actor.value for actor in step.actors))
        guards = ", ".join(guard.value for guard in step.guards)
        rows.append(f"| {state or '–'} | {action} | {step.to} | {who} | {guards} |")
    return "\n".join([*rows, "", f"Final: {', '.join(each.value for each in final)}."])
