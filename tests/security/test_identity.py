"""What a service takes for an identity when somebody reaches it past the gateway."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from otsp_auth.rules.roles import scopes_of
from otsp_chassis.identity import HEADER
from otsp_chassis.ids import new_id
from otsp_testkit.specifications import SERVICES, all_operations

SECURED = [each for each in all_operations() if each.scopes()]
DOORS = {
    service: next(e for e in SECURED if e.service == service and e.method == "get")
    for service in SERVICES
}
OF_AUTHORITIES = {"compliance", "institution"}
"""Whose door, their first operation, is a list of authorities."""
WRONG_CLAIMS = {
    "other audience": {"aud": "otsp-portal"},
    "audiences without ours": {"aud": ["otsp-portal", "otsp-gateway"]},
    "audience that begins like ours": {"aud": "otsp.example.test"},
    "no audience": {"aud": None},
    "expired": {"exp": 1_700_000_000},
    "no expiry": {"exp": None},
    "expiry that is no number": {"exp": "never"},
    "no account": {"sub": None},
    "account that is no id": {"sub": "national-admin"},
    "no scopes": {"scope": None},
    "no role": {"role": None},
}
LOOK_ALIKES = [
    "*",
    "{service}:*",
    "{service}",
    "{upper}",
    "{scope}x",
    "{scope},{scope}",
    '"{scope}"',
]


def encoded(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def knock(world):
    """Calls an operation with this in the identity header; the status and the problem."""

    def call(operation, token, **more):
        ids = {
            name: world.ids.get(name, str(new_id())) for name in operation.parameter_names("path")
        }
        answer = (
            world.platform.kits[operation.service]
            .anonymous()
            .call(
                operation.method.upper(),
                operation.path.format_map(ids),
                headers={HEADER: token, **more.pop("headers", {})},
                **more,
            )
        )
        return answer.status, answer.problem if answer.status >= 400 else None

    return call


@pytest.fixture
def trusted(callers):
    """Per service somebody who may pass its door."""
    return {
        service: callers.principal("region_admin" if service in OF_AUTHORITIES else "institution")
        for service in SERVICES
    }


@pytest.fixture
def not_a_token(callers):
    """Makes, from a principal, tokens that fit in every claim and are not signed by auth."""
    signer, stranger = callers.signer, OKPKey.generate_key("Ed25519")
    public = json.dumps(signer.key.as_dict(private=False)).encode()

    def unsigned(principal, algorithm):
        return f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(signer.claims(principal))}"

    def embedded_key(principal):
        header = {"alg": "Ed25519", "jwk": stranger.as_dict(private=False)}
        return jwt.encode(header, signer.claims(principal), stranger, algorithms=["Ed25519"])

    def keyed_with_the_public_key(principal):
        head = unsigned(principal, "HS256")
        return f"{head}.{encoded(hmac.digest(public, head.encode(), hashlib.sha256))}"

    def other_payload(principal):
        head, _, signature = signer.sign(principal).split(".")
        claims = signer.claims(principal) | {"sub": str(new_id())}
        return f"{head}.{encoded(claims)}.{signature}"

    return {
        "algorithm none": lambda principal: f"{unsigned(principal, 'none')}.",
        "algorithm None": lambda principal: f"{unsigned(principal, 'None')}.",
        "no signature": lambda principal: signer.sign(principal).rpartition(".")[0] + ".",
        "other key under our name": lambda principal: signer.sign(principal, key=stranger),
        "key brought along": embedded_key,
        "public key as a secret": keyed_with_the_public_key,
        "payload exchanged": other_payload,
        "claims alone": lambda principal: encoded(signer.claims(principal)),
        "plain claims": lambda principal: json.dumps(signer.claims(principal)),
        "bearer before the token": lambda principal: f"Bearer {signer.sign(principal)}",
        "nothing": lambda _: "",
    }


@pytest.mark.parametrize("service", SERVICES)
def test_token_of_auth_opens_the_door(service, knock, trusted, callers):
    status, problem = knock(DOORS[service], callers.signer.sign(trusted[service]))

    assert status in {200, 404}, problem


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_token_with_wrong_claims_is_refused(service, claims, knock, trusted, callers):
    token = callers.signer.sign(trusted[service], **claims)

    assert knock(DOORS[service], token) == (401, "unauthorised")


@pytest.mark.parametrize("service", SERVICES)
def test_token_that_auth_did_not_sign_is_refused(service, knock, trusted, not_a_token):
    for name, make in not_a_token.items():
        found = knock(DOORS[service], make(trusted[service]))
        assert found == (401, "unauthorised"), name


@pytest.mark.parametrize("operation", SECURED, ids=lambda each: each.id)
def test_session_is_worth_nothing_past_the_gateway(operation, knock, world):
    """The gateway alone turns a session into an identity."""
    headers = {"Authorization": f"Bearer {world.session}", "Cookie": f"session={world.session}"}

    assert knock(operation, "", headers=headers) == (401, "unauthorised")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("written", LOOK_ALIKES)
def test_scope_is_the_whole_word(service, written, knock, trusted, callers):
    operation = DOORS[service]
    (scope,) = operation.scopes()
    granted = written.format(service=scope.split(":")[0], scope=scope, upper=scope.upper())
    token = callers.signer.sign(trusted[service], scope=granted)

    assert knock(operation, token) == (403, "forbidden")


@pytest.mark.parametrize("service", SERVICES)
def test_client_cannot_ask_for_more_scopes(service, knock, trusted, callers):
    operation = DOORS[service]
    wanted = " ".join(operation.scopes())
    token = callers.signer.sign(trusted[service], scope="nothing:at-all")
    for more in (
        {"headers": {"Scope": wanted, "X-Scope": wanted, "OTSP-Scope": wanted}},
        {"query": {"scope": wanted, "scopes": wanted}},
        {"headers": {"OTSP-Role": "national_admin", "X-Role": "national_admin"}},
    ):
        assert knock(operation, token, **more) == (403, "forbidden")


@pytest.mark.parametrize("operation", SECURED, ids=lambda each: each.id)
def test_role_opens_nothing_without_its_scope(operation, knock, callers):
    for column in callers.accounts:
        token = callers.signer.sign(callers.principal(column), scope="nothing:at-all")
        assert knock(operation, token) == (403, "forbidden"), column


def test_scopes_of_a_session_are_those_of_its_role(world):
    door = world.platform.kits["auth"].anonymous()

    answer = door.get("/internal/session", headers={"Authorization": f"Bearer {world.session}"})

    payload = answer.headers[HEADER].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["role"] == "reviewer"
    assert set(claims["scope"].split()) == scopes_of("reviewer")


def test_login_takes_no_wishes(world):
    operation = next(e for e in all_operations() if e.id == "otsp_auth.api.sessions.open_session")
    door = world.platform.kits["auth"].anonymous()
    for wish in ("scope", "scopes", "role", "institution_id", "authority_id"):
        answer = door.post(operation.path, operation.example() | {wish: "auth:administer"})
        assert (answer.status, answer.pointers) == (422, {f"/{wish}"})
