"""Authlib's OAuth 2.0 authorization server: token_endpoint.py LIFE_SECONDS [CERTIFICATE KEY]

One client, `bridge` with the secret `open-sesame`, gets tokens of audience `kafka` for the scope `write`. Listens on a
port of the kernel's choice and writes its URL as the first line, then a line for each token. GET /jwks has the keys.
"""

import logging
import sys

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.jose import JsonWebKey
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, jsonify
from werkzeug.serving import make_server

KEY = JsonWebKey.generate_key("EC", "P-256", is_private=True, options={"kid": "first"})
LIFE_SECONDS = int(sys.argv[1])
TLS = tuple(sys.argv[2:4]) or None


class Client(ClientMixin):
    client_id = "bridge"

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return scope if scope == "write" else ""

    def check_client_secret(self, client_secret):
        return client_secret == "open-sesame"

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class Tokens(JWTBearerTokenGenerator):
    def get_jwks(self):
        return {"keys": [KEY.as_dict(is_private=True, alg="ES256", use="sig")]}

    def get_audiences(self, client, user, scope):
        return ["kafka"]

    def get_extra_claims(self, client, grant_type, user, scope):
        return {"sub": client.get_client_id()}


app = Flask(__name__)
app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": LIFE_SECONDS}
app.config["OAUTH2_SCOPES_SUPPORTED"] = ["write"]
oauth = AuthorizationServer(
    app,
    query_client=lambda client_id: Client() if client_id == Client.client_id else None,
    save_token=lambda token, request: print("token", flush=True),
)
oauth.register_grant(grants.ClientCredentialsGrant)
oauth.register_token_generator(
    "default",
    Tokens(issuer="https://issuer.example", alg="ES256", expires_generator=lambda client, grant: LIFE_SECONDS),
)


@app.post("/token")
def token():
    return oauth.create_token_response()


@app.get("/jwks")
def jwks():
    return jsonify({"keys": [KEY.as_dict(is_private=False, alg="ES256", use="sig")]})


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=TLS)
print(f"{'https' if TLS else 'http'}://127.0.0.1:{server.port}", flush=True)
server.serve_forever()
