"""机构管理 and 资金管理 (manual 4, 5): one of many entered, changed, removed and brought back."""

import re

import pytest

KINDS = [
    ("/institution/certificates", "/institution/certificates",
     {"is_primary": "false", "cert_type": "other", "cert_no": "示例{}"}),
    ("/institution/documents", "/institution/documents", {"doc_type": "other", "title": "示例{}"}),
    ("/institution/audit-reports", "/institution/documents", {"year": "20{}"}),
    ("/funds/fees", "/funds/fees", {"name": "示例{}", "charge_mode": "lesson"}),
]  # fmt: skip


def _of(kind, page):
    return set(re.findall(rf'href="({kind}/[0-9a-f-]{{36}})"', page.text))


@pytest.mark.parametrize(("kind", "listed", "typed"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_one_of_many_is_entered_changed_removed_and_brought_back(
    visitors, sound, kind, listed, typed
):
    clerk = visitors("institution-B")
    before = _of(kind, clerk.get(listed))
    form = clerk.get(f"{kind}/new")
    sound(form)

    entered = clerk.send(
        form, f"{kind}/new", **{name: value.format(12) for name, value in typed.items()}
    )
    assert entered.url.path == listed, entered.text
    (address,) = _of(kind, entered) - before

    change = clerk.get(address)
    sound(change)
    changed = clerk.send(
        change, address, **{name: value.format(13) for name, value in typed.items()}
    )
    assert changed.url.path == listed, changed.text
    assert "13" in clerk.get(address).text

    asked = clerk.get(f"{address}/removal")
    sound(asked)
    removed = clerk.send(asked, f"{address}/removal")
    assert address not in _of(kind, removed)

    back = clerk.undo(removed)
    sound(back)
    assert address in _of(kind, back)

    clerk.send(clerk.get(f"{address}/removal"), f"{address}/removal")
    assert _of(kind, clerk.get(listed)) == before
