"""`otsp probe`, as `helm test` runs it: files, proves the receipt, takes the application back."""

import json

import pytest
import yaml

from otsp_cli.__main__ import main
from otsp_cli.dossier.filing import APPLICATIONS, submit
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.snapshots.dossier import parse_dossiers
from otsp_contracts.values import uscc_check_digit
from otsp_local.environment import ROOT

SAMPLE, SAMPLE_USCC = "杭州示例启明文化培训学校", "52330106MJFAKE011P"
NAME = "测试启明文化培训学校"
USCC_17 = "52330106MJFAKE09T"


@pytest.fixture(scope="module")
def account(demo, tmp_path_factory):
    """The file of sample A under the name of a test institution; its application is left open."""
    samples = (ROOT / "docs" / "samples.yaml").read_text(encoding="utf-8")
    for given, ours in ((SAMPLE, NAME), (SAMPLE_USCC, USCC_17 + uscc_check_digit(USCC_17))):
        samples = samples.replace(given, ours)
    dossier = parse_dossiers(yaml.safe_load(samples))[0]
    with Gateway.at(demo.url) as gateway:
        supervision = Supervision(gateway, Accounts(demo.run_dir / "accounts.json"))
        loader = Loader(gateway, supervision, options=Options(is_self_check=False), say=print)
        (result,) = loader.results([dossier])
        entered = loader.entered["A"].account
    assert result["state"] == "submitted", result
    file = tmp_path_factory.mktemp("probe") / "account.json"
    told = {"username": entered.username, "password": entered.password}
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


@pytest.fixture
def probe(demo, capsys):
    """Exit code and what was found; a refusal is told on standard error."""

    def run(account, *options):
        where = ["--gateway", demo.url, "--account", str(account)]
        code = main(["probe", *where, "--json", *options])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def session(demo, account):
    told = json.loads(account.read_text(encoding="utf-8"))
    with Gateway.at(demo.url) as gateway:
        yield gateway.login(told["username"], told["password"])


def states(session):
    whose = {"institution_id": session.account["institution_id"]}
    return [each["state"] for each in session.list_all(APPLICATIONS, **whose)]


def test_a_receipt_is_proved_and_nothing_stays_behind(session, account, probe):
    if "submitted" not in states(session):  # a test before this one took it back
        submit(session, session.account["institution_id"])
    filed = len(states(session))

    code, found = probe(account)

    assert (code, found["fault"]) == (0, None)
    assert found["receipt_no"]
    assert states(session) == ["withdrawn"] * (filed + 1)  # the one that had been open too


def test_what_took_too_long_has_failed(account, probe):
    code, found = probe(account, "--seconds", "0.001")

    assert code == 1
    assert "are allowed" in found["fault"]


def test_an_institution_that_is_none_for_tests_is_left_alone(demo, probe, tmp_path, capsys):
    username, password = demo.account("institution-A")
    file = tmp_path / "account.json"
    file.write_text(json.dumps({"username": username, "password": password}), encoding="utf-8")

    with pytest.raises(SystemExit) as ended:
        probe(file)

    assert ended.value.code == 2
    assert "does not begin with 测试" in capsys.readouterr().err
