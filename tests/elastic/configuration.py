"""What a test server is configured with, and where it is."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from dataclasses import dataclass

USER = "tester"
"""The superuser, where security is on."""

JVM_OPTIONS = """\
-XX:+UseSerialGC
-XX:+ExitOnOutOfMemoryError
-Djava.io.tmpdir=${{ES_TMPDIR}}
-XX:ErrorFile={home}/logs/crash.log
"""

SETTINGS = """\
cluster.name: ragft-tests
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: 0
node.portsfile: true
path.data: {home}/data
path.logs: {home}/logs
cluster.routing.allocation.disk.threshold_enabled: false
"""

OPEN = "xpack.security.enabled: false\n"

SECURED = """\
xpack.security.enabled: true
xpack.security.autoconfiguration.enabled: false
xpack.security.authc.api_key.enabled: true
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: key.pem
xpack.security.http.ssl.certificate: certificate.pem
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is, and the superuser of one with security on."""

    url: str
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The variables that the product reads credentials from."""
        variables = {
            "RAGFT_ES_USER": self.user,
            "RAGFT_ES_PASSWORD": self.password,
            "RAGFT_ES_CA_FILE": self.ca_file,
        }
        return {name: value for name, value in variables.items() if value is not None}


def hashed(password: str) -> str:
    """In the form that the server's file realm reads."""
    salt = secrets.token_bytes(32)
    rounds = 10_000
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, 32)
    return f"{{PBKDF2}}{rounds}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def basic(address: Address) -> str:
    return "Basic " + b64encode(f"{address.user}:{address.password}".encode()).decode()
