"""The test server itself: found, else started once for all processes of a run, gone after it."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.elastic.archive import VERSION

ROOT = Path(__file__).parents[2]
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.elastic.sharing"]

ASKING = """
def test_ask(elasticsearch_url):
    assert elasticsearch_url == "http://given.example:9200"
"""

STAYING = """
import os, socket
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_stay(elasticsearch_url, number):
    with socket.create_connection(("127.0.0.1", int(os.environ["TELL"]))) as connection:
        connection.sendall(elasticsearch_url.encode() + b"\\n")
        connection.recv(1)
"""


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAGFT_", "PYTEST_"))}
    for name in ("CI", "JAVA_HOME", "ES_JAVA_HOME"):
        kept.pop(name, None)
    return {**kept, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **changes}


def run(folder: Path, **changes: str) -> str:
    (folder / "test_it.py").write_text(ASKING)
    command = [*PYTEST, "-rsEf", "--basetemp", str(folder / "temporary")]
    environ = environment(**changes)
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_a_given_server_is_used(tmp_path):
    assert "1 passed" in run(tmp_path, RAGFT_TEST_ES_URL="http://given.example:9200/")


def test_where_none_can_be_had_tests_are_skipped_with_the_reason(tmp_path):
    output = run(tmp_path, PATH=str(tmp_path))
    assert "1 skipped" in output
    assert "SKIPPED [1]" in output
    assert "no Elasticsearch: " in output
    assert "Java 17 is needed" in output or "Maven (mvn)" in output


def test_where_none_can_be_had_ci_fails(tmp_path):
    output = run(tmp_path, PATH=str(tmp_path), CI="true")
    assert "1 error" in output
    assert "CI needs Elasticsearch: " in output
    assert "skipped" not in output


def test_users_are_given_the_version_that_is_tested():
    assert f"elasticsearch:{VERSION}\n" in (ROOT / "compose.yaml").read_text()


def test_it_is_elasticsearch_with_the_english_analyzer(elasticsearch_url):
    request = urllib.request.Request(
        f"{elasticsearch_url}/_analyze",
        data=json.dumps({"analyzer": "english", "text": "The foxes' running"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert [t["token"] for t in json.load(answer)["tokens"]] == ["fox", "run"]
    with urllib.request.urlopen(elasticsearch_url) as answer:
        assert json.load(answer)["version"]["number"].startswith("8.")


def test_a_run_has_one_server_and_leaves_none_behind_when_it_is_killed(tmp_path):
    (tmp_path / "test_it.py").write_text(STAYING)
    base = tmp_path / "temporary"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environ = environment(TELL=str(listener.getsockname()[1]))
        process = subprocess.Popen(
            [*PYTEST, "-p", "xdist.plugin", "-n", "2", "--basetemp", str(base)],
            cwd=tmp_path,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                urls = {_told(listener, process) for _ in range(2)}
                keeper = psutil.Process(
                    json.loads((base / "elasticsearch-open.json").read_text())["keeper"]
                )
                server = keeper.children(recursive=True)
            finally:
                os.killpg(process.pid, signal.SIGKILL)
    assert len(urls) == 1
    assert server
    _, alive = psutil.wait_procs([keeper, *server], timeout=120)
    assert alive == []


def _told(listener: socket.socket, process: subprocess.Popen[str]) -> str:
    """What the next test of the run tells; it then stays until the run is killed."""
    listener.settimeout(2)
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            if process.poll() is not None:
                pytest.fail(f"the run ended early: {process.communicate()[0]}")
        else:
            staying.append(connection)
            return connection.makefile().readline()


staying: list[socket.socket] = []


@pytest.fixture(autouse=True)
def _let_go():
    yield
    while staying:
        staying.pop().close()
