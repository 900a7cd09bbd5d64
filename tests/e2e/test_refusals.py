"""Bad input through the real gateway: refused precisely, in Chinese, with nothing stored half."""

import json

import httpx
import pytest

INSTITUTION = "institution-A"
ZERO = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def clerk(demo):
    with demo.login(INSTITUTION) as client:
        yield client


@pytest.fixture(scope="module")
def institution_id(clerk) -> str:
    return clerk.get("/api/auth/v1/account").json()["institution_id"]


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["instance"]
    assert any("一" <= each <= "鿿" for each in body["detail"])
    return answer.status_code, body["type"].removeprefix("urn:otsp:problem:")


def staff_path(institution_id: str) -> str:
    return f"/api/staff/v1/institutions/{institution_id}/staff"


def test_malformed_json(clerk, institution_id):
    headers = {"Content-Type": "application/json"}
    answer = clerk.post(staff_path(institution_id), content=b'{"name": ', headers=headers)

    assert problem(answer) == (400, "malformed-json")


def test_unknown_field_wrong_type_and_bad_id_digit_are_told_together(clerk, institution_id):
    body = {"hobby": "周甲", "sex": 1, "id_type": "cnid", "id_no": "330199197803129905"}
    answer = clerk.post(staff_path(institution_id), json=body)

    assert problem(answer) == (422, "invalid")
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/hobby", "/sex", "/id_no"}


def test_bad_uscc_digit(clerk, institution_id):
    path = f"/api/institution/v1/institutions/{institution_id}/registration"
    answer = clerk.put(path, json={"uscc": "52330106MJFAKE011Q"})

    assert problem(answer) == (422, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/uscc"]


def test_wrong_content_type(clerk, institution_id):
    answer = clerk.post(staff_path(institution_id), data={"name": "x"})

    assert problem(answer) == (415, "unsupported-media-type")


def test_foreign_institutions_id(clerk):
    assert problem(clerk.get(staff_path(ZERO))) == (403, "other-institution")


def test_write_while_locked_says_how_to_go_on(clerk, institution_id):
    answer = clerk.post(staff_path(institution_id), json={"name": "新人"})

    assert problem(answer) == (423, "locked")
    assert answer.json()["detail"] == "审核中，信息已锁定，可撤回申请后修改"


def test_unknown_route(clerk):
    assert problem(clerk.get("/api/staff/v1/nowhere"))[0] == 404
    assert problem(clerk.get("/api/nobody/v1/x"))[0] == 404


def test_oversized_body_is_stopped_at_the_edge(clerk, institution_id):
    body = b'{"name": "' + b"x" * (5 * 1024 * 1024) + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = clerk.post(staff_path(institution_id), content=body, headers=headers)

    assert problem(answer)[0] == 413


def test_key_reused_for_another_request(clerk, institution_id):
    headers = {"Idempotency-Key": "e2e-key-00000001"}
    body = {"institution_id": institution_id, "as_of": None}
    first = clerk.post("/api/compliance/v1/self-checks", json=body, headers=headers)
    same = clerk.post("/api/compliance/v1/self-checks", json=body, headers=headers)
    other = clerk.post(
        "/api/compliance/v1/self-checks", json=body | {"as_of": "2024-10-14"}, headers=headers
    )

    assert (first.status_code, first.content) == (202, same.content)
    assert problem(other) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    "token", ["", "Bearer forged", "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic x"]
)
def test_forged_session(demo, institution_id, token):
    headers = {"Authorization": token, "OTSP-Identity": "eyJhbGciOiJub25lIn0.e30."}
    answer = httpx.get(f"{demo.url}{staff_path(institution_id)}", headers=headers)

    assert problem(answer)[0] == 401


def test_session_ends_with_logout(demo, institution_id):
    with demo.login(INSTITUTION) as client:
        assert client.get("/api/auth/v1/account").status_code == 200
        assert client.delete("/api/auth/v1/sessions/current").status_code == 204
        token = client.headers["Authorization"]
    headers = {"Authorization": token}
    for _ in range(200):
        answer = httpx.get(f"{demo.url}{staff_path(institution_id)}", headers=headers)
        if answer.status_code == 401:
            return
    pytest.fail("the session still opens the door after 200 requests")


def test_dossiers_with_faults_are_reported_and_do_not_stop_the_others(demo, tmp_path):
    file = tmp_path / "dossiers.yaml"
    file.write_text(
        """
- {sample: unknown, institution: {name: 示例, colour: red}}
- {sample: wrong, institution: {name: 示例, uscc: 5}}
- {sample: duplicate, as_of: 2024-10-15, institution: {name: 示例重复学校, uscc: 52330106MJFAKE011P,
   region_code: "330106", categories: [subject], delivery_modes: [offline], stages: [junior],
   legal_nature: nonprofit}}
""",
        encoding="utf-8",
    )
    done = demo.command("otsp_cli", "dossier", str(file), "--submit", "--json")

    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [(r["sample"], r["state"]) for r in results] == [
        ("unknown", "invalid"),
        ("wrong", "invalid"),
        ("duplicate", "invalid"),
    ]
    assert results[0]["errors"][0]["pointer"] == "/institution/colour"
    assert results[1]["errors"][0]["pointer"] == "/institution/uscc"
    assert "已注册" in results[2]["errors"][0]["detail"]


def test_stale_and_missing_versions(clerk, demo):
    with demo.login("institution-C") as other:
        institution_id = other.get("/api/auth/v1/account").json()["institution_id"]
        path = f"/api/institution/v1/institutions/{institution_id}/party"
        current = other.get(path)
        body = {"member_count": 2, "org_form": "none", "instructor_assigned": True}
        missing = other.put(path, json=body)
        stale = other.put(path, json=body, headers={"If-Match": '"999"'})
        changed = other.put(path, json=body, headers={"If-Match": current.headers["ETag"]})

    assert problem(missing) == (428, "precondition-required")
    assert problem(stale) == (412, "stale-version")
    assert stale.json()["current_version"] == current.json()["version"]
    assert changed.status_code == 200


def test_made_up_cursor(clerk, institution_id):
    answer = clerk.get(staff_path(institution_id), params={"cursor": "WyJ4Il0"})

    assert problem(answer) == (400, "bad-parameter")
