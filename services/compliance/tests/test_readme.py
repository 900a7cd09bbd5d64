"""The state table of the README is printed from the data."""

from pathlib import Path

from otsp_compliance.rules.states import FINAL, TRANSITIONS, State

README = Path(__file__).parents[1] / "README.md"


def state_table():
    rows = ["| from | action | to | who | guards |", "|---|---|---|---|---|"]
    for (state, action), step in TRANSITIONS.items():
        who = ", ".join(sorted(actor.value for actor in step.actors))
        guards = ", ".join(guard.value for guard in step.guards)
        rows.append(f"| {state or '–'} | {action} | {step.to} | {who} | {guards} |")
    final = ", ".join(state.value for state in State if state in FINAL)
    return "\n".join([*rows, "", f"Final: {final}."])


def test_the_readme_prints_the_state_table_as_it_is():
    assert state_table() in README.read_text(encoding="utf-8"), f"print this:\n{state_table()}"
