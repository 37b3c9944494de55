"""A real Elasticsearch server for tests and benches.

``python -m tests.elastic.server [--security]`` runs one in the foreground until Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.elastic.archive import UnavailableError, distribution, java_home
from tests.elastic.configuration import (
    JVM_OPTIONS,
    OPEN,
    SECURED,
    SETTINGS,
    USER,
    Address,
    basic,
    hashed,
)

START_LIMIT = 240.0
STOP_LIMIT = 20.0
HEAP = "512m"
QUICK = "-XX:TieredStopAtLevel=1"
"""Java starts with less work, and runs slower later: not for measuring."""


class Server:
    """A server with its own port and data folder; ends with the thread that started it.

    It listens on 127.0.0.1 only. With security on it speaks TLS, with a certificate for
    127.0.0.1 and not for localhost.
    """

    def __init__(
        self,
        *,
        security: bool = False,
        heap: str = HEAP,
        quick: bool = False,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._program = distribution(say)
        self._java = java_home()
        self._java_options = f"-Xms{heap} -Xmx{heap}{f' {QUICK}' if quick else ''}"
        self._say = say
        self._security = security
        self._process: subprocess.Popen[bytes] | None = None
        self._password = secrets.token_urlsafe(16) if security else None
        self._port = 0
        self._home = Path(tempfile.mkdtemp(prefix="ragft-elasticsearch-"))
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def address(self) -> Address:
        url = f"http://127.0.0.1:{self._port}"
        if not self._security:
            return Address(url=url)
        return Address(
            url=url.replace("http:", "https:"),
            user=USER,
            password=self._password,
            ca_file=str(self._home / "authority.pem"),
        )

    def start(self) -> None:
        """Starts it, again on the same port and data after `kill`; returns when it is ready."""
        begin = time.monotonic()
        self._say(f"starting Elasticsearch{' with security' if self._security else ''} …")
        ports = self._home / "logs" / "http.ports"
        ports.unlink(missing_ok=True)
        self._write_settings()
        with (self._home / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*_as_other_user(), str(self._program / "bin" / "elasticsearch")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment(),
                cwd=self._home,
                start_new_session=True,
            )
        self._wait_for(ports.is_file, begin)
        self._port = int(ports.read_text().split()[0].rpartition(":")[2])
        self._wait_for(self._is_healthy, begin)
        self._say(f"Elasticsearch is up after {time.monotonic() - begin:.0f} s")

    def kill(self) -> None:
        """Ends it in mid-work, as a crash would; the data stay."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._end(signal.SIGKILL, limit=2.0)

    def stop(self) -> None:
        """Ends it and removes all it has written."""
        if self._process is not None:
            self._end(signal.SIGTERM, limit=STOP_LIMIT)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self, first: signal.Signals, *, limit: float) -> None:
        """The launcher ends its server and then itself; the whole group if it does not."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(first)
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _prepare(self) -> None:
        for folder in ("config", "data", "logs", "tmp"):
            (self._home / folder).mkdir()
        config = self._home / "config"
        (config / "jvm.options").write_text(JVM_OPTIONS.format(home=self._home))
        logging = self._program / "config" / "log4j2.properties"
        (config / "log4j2.properties").write_bytes(logging.read_bytes())
        if self._security:
            self._secure(config)
        self._write_settings()
        other = _other_user()
        if other is not None:
            for path in (self._home, *self._home.rglob("*")):
                os.chown(path, other.pw_uid, other.pw_gid)
            _check_reachable(other, self._program, self._home)

    def _write_settings(self) -> None:
        security = SECURED if self._security else OPEN
        settings = SETTINGS.format(home=self._home, port=self._port) + security
        (self._home / "config" / "elasticsearch.yml").write_text(settings)

    def _secure(self, config: Path) -> None:
        import trustme

        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        authority.cert_pem.write_to_path(str(self._home / "authority.pem"))
        certificate.private_key_pem.write_to_path(str(config / "key.pem"))
        for number, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(str(config / "certificate.pem"), append=number > 0)
        assert self._password is not None
        (config / "users").write_text(f"{USER}:{hashed(self._password)}\n")
        (config / "users_roles").write_text(f"superuser:{USER}\n")

    def _environment(self) -> dict[str, str]:
        """Nothing of the surroundings but the search path: their ES_* and Java settings decide."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "ES_JAVA_HOME": str(self._java),
            "ES_JAVA_OPTS": self._java_options,
            "CLI_JAVA_OPTS": QUICK,
            "ES_PATH_CONF": str(self._home / "config"),
            "ES_TMPDIR": str(self._home / "tmp"),
        }

    def _wait_for(self, reached: Callable[[], bool], begin: float) -> None:
        assert self._process is not None
        while not reached():
            if self._process.poll() is not None:
                raise UnavailableError(f"Elasticsearch ended while starting: {self._last_words()}")
            if time.monotonic() - begin > START_LIMIT:
                raise UnavailableError(
                    f"Elasticsearch was not ready after {START_LIMIT:g} s: {self._last_words()}"
                )
            time.sleep(0.1)

    def _last_words(self) -> str:
        return (self._home / "output.log").read_text(errors="replace").strip()[-800:]

    def _is_healthy(self) -> bool:
        address = self.address
        health = "/_cluster/health?wait_for_status=yellow&timeout=10s"
        request = urllib.request.Request(address.url + health)
        context = None
        if self._security:
            request.add_header("Authorization", basic(address))
            context = ssl.create_default_context(cafile=address.ca_file)
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                return not json.load(answer)["timed_out"]
        except OSError:
            return False


def _other_user() -> pwd.struct_passwd | None:
    """Elasticsearch refuses to run as root; None where it can run as the present user."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as_other_user() -> list[str]:
    setpriv = shutil.which("setpriv")
    other = _other_user()
    if setpriv is None:
        if other is not None:
            raise UnavailableError("setpriv is not installed, and Elasticsearch cannot run as root")
        return []
    # The launcher dies with the thread that started it, and its server with the launcher.
    command = [setpriv, "--pdeathsig", "KILL"]
    if other is not None:
        command += [f"--reuid={other.pw_uid}", f"--regid={other.pw_gid}", "--clear-groups"]
    return [*command, "--"]


def _check_reachable(user: pwd.struct_passwd, *folders: Path) -> None:
    for folder in folders:
        for place in (folder, *folder.parents):
            status = place.stat()
            if not (status.st_mode & 0o001 or status.st_uid == user.pw_uid):
                raise UnavailableError(
                    f"the user {user.pw_name} cannot enter {place}, "
                    "and Elasticsearch cannot run as root; run the tests as another user"
                )


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the process in order, as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    with suppress(KeyboardInterrupt):
        yield


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.elastic.server", description=__doc__)
    parser.add_argument("--security", action="store_true", help="with TLS, password and API keys")
    parser.add_argument("--heap", default=HEAP, help="of the server's Java (default %(default)s)")
    options = parser.parse_args()
    with ended_by_signals():
        try:
            server = Server(
                security=options.security,
                heap=options.heap,
                say=lambda line: print(line, file=sys.stderr, flush=True),
            )
        except UnavailableError as error:
            sys.exit(f"no Elasticsearch: {error}")
        with server:
            print(f"export RAGFT_ES_URL={server.address.url}")
            for name, value in server.address.environ.items():
                print(f"export {name}={value}")
            sys.stdout.flush()
            threading.Event().wait()


if __name__ == "__main__":
    main()
