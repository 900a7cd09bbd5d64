"""From a legacy platform's file to an institution that goes on with its own file (§1.7)."""

import re

import pytest

from otsp_auth.bootstrap import import_legacy
from otsp_auth.commands.legacy import Line
from otsp_cli.dossier.gateway import Refused
from otsp_testkit.legacy import COLUMNS, PASSWORD, legacy_cells, legacy_uscc

AUTH, MOBILE, NEW = "/api/auth/v1", "13900000001", "Xihu-2027-peixun"


@pytest.fixture
def migrated(town):
    """`jg1` of the offline platform, imported and told."""
    cells = legacy_cells(1)
    batches = [[Line(2, [cells[name] for name in COLUMNS])]]
    runtime = town.platform.kits["auth"].runtime
    reported = import_legacy(
        "xwpx_offline", COLUMNS, batches, is_dry=False, operator="ops", runtime=runtime
    )
    assert [each.outcome.value for batch in reported for each in batch] == ["imported"]
    town.platform.settle()


def log_in(town, username, password):
    """A client with the session, and the account as it was told."""
    body = {"username": username, "password": password}
    with town.platform.http() as door:
        opened = door.post(f"{AUTH}/sessions", json=body).raise_for_status().json()
    return town.platform.http(opened["token"]), opened["account"]


def activate(town, client):
    """What the duties ask for, in the portal's order."""
    given = {"mobile": MOBILE, "current_password": PASSWORD}
    asked = client.post(f"{AUTH}/account/mobile-proofs", json=given).json()
    [message] = client.get(f"{AUTH}/development/messages", params={"mobile": MOBILE}).json()[
        "items"
    ]
    path = f"{AUTH}/account/mobile-proofs/{asked['mobile_proof_id']}/completion"
    code = re.search(r"\d{6}", message["text"])[0]
    client.post(path, json={"code": code}).raise_for_status()
    information = f"{AUTH}/account/personal-information"
    version = client.get(information).headers["ETag"]
    body = {"person_name": "周明", "contact_tel": "0571-88001234", "contact_address": "示例路1号"}
    client.put(information, json=body, headers={"If-Match": version}).raise_for_status()
    change = {"current_password": PASSWORD, "new_password": NEW, "new_password_confirmation": NEW}
    client.post(f"{AUTH}/account/password", json=change).raise_for_status()
    town.platform.settle()


def test_old_name_and_password_lead_to_the_institutions_own_file(town, migrated):
    before, account = log_in(town, "jg1", PASSWORD)
    path = f"/api/institution/v1/institutions/{account['institution_id']}"

    closed = before.get(path)
    activate(town, before)
    after, active = log_in(town, MOBILE, NEW)
    own = after.get(path).json()

    assert closed.status_code == 403
    assert (active["status"], active["duties"]) == ("active", [])
    assert (own["name"], own["uscc"]) == ("西湖第1培训学校", legacy_uscc(1))
    assert (own["registration"]["status"], own["migrated_from"]) == ("approved", "xwpx_offline")


def test_whoever_registers_a_migrated_number_is_shown_the_old_login(town, stage, migrated):
    document = stage.samples()[0] | {"sample": "D"}
    document["institution"] |= {"uscc": legacy_uscc(1), "name": "另一个名称的培训学校"}
    rival = town.newcomer(document)

    with pytest.raises(Refused) as refused:
        rival.session.post(rival.path("institution", "registration", "submission"), None)

    assert (refused.value.status, refused.value.slug) == (409, "institution-migrated")
    assert "请使用原平台的账号和密码登录" in refused.value.problem["detail"]
