"""Who is it? The check that a chat server in Python makes for every request from the gateway. PyJWT 2.6 or later."""

import json
import os
import sys
from urllib.parse import unquote

import jwt

ISSUER = os.environ["ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]
REQUIRED = ["iss", "aud", "sub", "iat", "exp", "jti", "customer", "connection"]

# One for the whole process: it keeps the keys, and asks again for a key that it does not know.
KEYS = jwt.PyJWKClient(os.environ["JWKS_URL"])

CODES = {
    jwt.ExpiredSignatureError: "assertion_expired",
    jwt.InvalidAudienceError: "assertion_audience",
    jwt.InvalidIssuerError: "assertion_issuer",
}


class Refused(Exception):
    """The request must not be served as the person it speaks of."""


def verify(assertion):
    """The claims of a good assertion."""
    try:
        if jwt.get_unverified_header(assertion).get("typ") != "JWT":
            raise Refused("assertion_refused")
        claims = jwt.decode(
            assertion,
            KEYS.get_signing_key_from_jwt(assertion).key,
            algorithms=["ES256"],  # never what the token says
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=5,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, OSError, ValueError) as error:  # the last two: the key set cannot be read
        raise Refused(CODES.get(type(error), "assertion_refused")) from error
    if claims["exp"] - claims["iat"] > 60:
        raise Refused("assertion_refused")
    return claims


def plain(headers, name):
    """A plain header, decoded: unquote, not unquote_plus, for a plus sign is a plus sign."""
    values = headers.get("x-secure-chat-" + name, [])
    return unquote(values[0]) if len(values) == 1 else None


def identify(headers):
    """`headers`: lower-case names to lists of values. Django: request.headers; Flask: request.headers.getlist(name)."""
    assertions = headers.get("x-secure-chat-assertion", [])
    if len(assertions) != 1:
        raise Refused("assertion_refused" if assertions else "assertion_missing")
    claims = verify(assertions[0])
    return {
        "ok": True,
        "sub": claims["sub"],
        "nickName": claims.get("nickName"),
        "variables": claims["variables"],
        "plain": {
            "nickName": plain(headers, "nickname"),
            "variables": json.loads(plain(headers, "variables") or "[]"),
        },
    }


# One request a line: {"Header-Name": ["value"], ...}. A server has an HTTP library instead.
if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = identify({name.lower(): values for name, values in json.loads(line).items()})
        except Refused as refused:
            answer = {"ok": False, "error": str(refused)}
        print(json.dumps(answer), flush=True)
