"""Where the server is and how to sign in: every mistake named, no secret shown."""

import dataclasses
import traceback

import pytest
import trustme

from pytest_ragft.endpoint.address import Secret, masked
from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.access import connection_settings

PASSWORD = "pa55-of-the-test"


def locals_beneath(error: BaseException) -> str:
    """What a traceback shows of the package's own frames."""
    frames = traceback.walk_tb(error.__traceback__)
    return "".join(repr(f.f_locals) for f, _ in frames if "pytest_ragft" in f.f_globals["__name__"])


def refused(url: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(RetrievalError) as raised:
        connection_settings(url, environ or {}, source="RAGFT_ES_URL")
    assert PASSWORD not in locals_beneath(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:9200", "http://localhost:9200"),
        (" http://localhost:9200/ ", "http://localhost:9200"),
        ("https://es.example", "https://es.example:443"),
        ("https://es.example/search/", "https://es.example:443/search"),
        ("http://[::1]:9200", "http://[::1]:9200"),
    ],
)
def test_a_url_is_completed(url, expected):
    assert connection_settings(url, {}).url == expected


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "neither with http:// nor with https://"),
        ("localhost:9200", "neither with http:// nor with https://"),
        ("ftp://localhost:9200", "neither with http:// nor with https://"),
        ("http://", "no usable host"),
        ("http://:9200", "no usable host"),
        (f"http://{'x' * 64}:9200", "no usable host"),
        ("http://two words:9200", "no usable host"),
        ("http://localhost:99999", "port is not a number"),
        ("http://localhost:port", "port is not a number"),
        ("http://localhost", "the port is missing"),
        ("http://localhost:9200?pretty", "query or a fragment"),
    ],
)
def test_a_bad_url_is_refused_with_setting_value_and_remedy(url, problem):
    message = refused(url)
    assert message.startswith(f"RAGFT_ES_URL = {masked(url)!r}: ")
    assert problem in message
    assert "http://localhost:9200" in message


@pytest.mark.parametrize(
    "url",
    [
        f"http://elastic:{PASSWORD}@localhost:9200",
        f"http://x:{PASSWORD}@localhost:port",
        f"http://x:with/{PASSWORD}@localhost:9200",
        f"http://x:with@{PASSWORD}@localhost:9200",
        f"http://localhost:9200?key={PASSWORD}",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url):
    message = refused(url)
    assert "RAGFT_ES_URL" in message
    assert PASSWORD not in message


def test_credentials_come_from_the_environment():
    key = connection_settings("http://h:1", {"RAGFT_ES_API_KEY": "c2VjcmV0\n"})
    assert key.api_key == Secret("c2VjcmV0")
    user = connection_settings("http://h:1", {"RAGFT_ES_USER": "u", "RAGFT_ES_PASSWORD": PASSWORD})
    assert (user.user, user.password) == ("u", Secret(PASSWORD))
    nothing = connection_settings("http://h:1", {"RAGFT_ES_API_KEY": "", "RAGFT_ES_USER": " "})
    assert (nothing.api_key, nothing.user, nothing.password) == (None, None, None)


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({"RAGFT_ES_USER": PASSWORD}, "RAGFT_ES_USER is set, RAGFT_ES_PASSWORD is not"),
        ({"RAGFT_ES_PASSWORD": PASSWORD}, "RAGFT_ES_PASSWORD is set, RAGFT_ES_USER is not"),
        (
            {"RAGFT_ES_API_KEY": PASSWORD, "RAGFT_ES_USER": "u", "RAGFT_ES_PASSWORD": PASSWORD},
            "RAGFT_ES_API_KEY and RAGFT_ES_USER are both set",
        ),
        ({"RAGFT_ES_API_KEY": f"{PASSWORD}\nx"}, "characters that no API key has"),
        ({"RAGFT_ES_API_KEY": f"{PASSWORD}é"}, "characters that no API key has"),
    ],
)
def test_credentials_that_cannot_be_used_are_refused_without_showing_them(environ, problem):
    message = refused("http://localhost:9200", environ)
    assert problem in message
    assert PASSWORD not in message


def test_settings_show_no_secret():
    environ = {"RAGFT_ES_USER": "u", "RAGFT_ES_PASSWORD": PASSWORD}
    settings = connection_settings("http://localhost:9200", environ)
    assert PASSWORD not in f"{settings!r} {settings} {dataclasses.asdict(settings)}"


@pytest.mark.parametrize("content", ["no certificate", None])
def test_an_unusable_ca_file_is_named(tmp_path, content):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    message = refused("https://localhost:9200", {"RAGFT_ES_CA_FILE": str(file)})
    assert message.startswith(f"RAGFT_ES_CA_FILE = {str(file)!r}: ")


def test_a_ca_file_beside_an_unencrypted_url_is_refused(tmp_path):
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(file)
    assert connection_settings("https://h", {"RAGFT_ES_CA_FILE": str(file)}).ca_file == str(file)
    message = refused("http://localhost:9200", {"RAGFT_ES_CA_FILE": str(file)})
    assert "RAGFT_ES_CA_FILE" in message
    assert "https://" in message


@pytest.mark.parametrize("limits", [{"request_timeout": 0}, {"total_timeout": float("nan")}])
def test_time_limits_are_positive(limits):
    with pytest.raises(RetrievalError, match="above 0 seconds"):
        connection_settings("http://localhost:9200", {}, **limits)
