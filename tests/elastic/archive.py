"""The official minimal distribution of Elasticsearch from Maven, made ready once.

It lacks what the plugin beside this file supplies. Nothing of it is committed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

VERSION = "8.19.0"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
SOURCE = Path(__file__).parent / "plugin" / "EvaluationPlugin.java"
CACHE = Path(__file__).parents[2] / ".cache" / "elasticsearch" / VERSION
PROGRAMS = tuple(
    f"elasticsearch{end}" for end in ("", "-cli", "-env", "-env-from-file", "-keystore")
)
JAVA = 17
DESCRIPTOR = f"""\
description=What the minimal distribution lacks
version=1
name=evaluation
classname=EvaluationPlugin
java.version={JAVA}
elasticsearch.version={VERSION}
"""


class UnavailableError(Exception):
    """No server can be started here; the message says why."""


def java_home() -> Path:
    """The JDK to run and compile with."""
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(variable):
            home = Path(os.environ[variable])
            break
    else:
        compiler = shutil.which("javac")
        if compiler is None:
            raise UnavailableError(
                f"no JDK is installed (javac is not found); Java {JAVA} is needed"
            )
        home = Path(compiler).resolve().parents[1]
    version = _output([str(home / "bin" / "javac"), "-version"], "finding the version of Java")
    number = re.search(r"\d+", version)
    if number is None or int(number.group()) < JAVA:
        raise UnavailableError(f"Java {JAVA} is needed, {home} is {version.strip()}")
    return home


def distribution(say: Callable[[str], None]) -> Path:
    """The folder of the unpacked distribution with the plugin in it; made on first need."""
    ready = CACHE / hashlib.sha256(SOURCE.read_bytes() + DESCRIPTOR.encode()).hexdigest()[:12]
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "lock"):
        if not ready.is_dir():
            unfinished = CACHE / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            _unpack(_download(unfinished / "download", say), unfinished / "server")
            _add_plugin(unfinished / "server")
            (unfinished / "server").rename(ready)
            shutil.rmtree(unfinished)
    return ready


def _download(folder: Path, say: Callable[[str], None]) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("Maven (mvn), which brings Elasticsearch, is not installed")
    say(f"downloading Elasticsearch {VERSION} (97 MB) with Maven …")
    command = [maven, "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}"]
    _output([*command, f"-DoutputDirectory={folder}"], "downloading Elasticsearch")
    return folder / f"elasticsearch-{VERSION}.zip"


def _unpack(archive: Path, folder: Path) -> None:
    """Readable by the user that the server runs as, programs executable (zipfile drops both)."""
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    (inner,) = folder.iterdir()
    for entry in inner.iterdir():
        entry.rename(folder / entry.name)
    inner.rmdir()
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for program in PROGRAMS:
        (folder / "bin" / program).chmod(0o755)


def _add_plugin(folder: Path) -> None:
    home = java_home()
    plugin = folder / "plugins" / "evaluation"
    classes = folder / "classes"
    plugin.mkdir()
    command = [str(home / "bin" / "javac"), "--release", str(JAVA), "-d", str(classes)]
    _output([*command, "-cp", f"{folder}/lib/*", str(SOURCE)], "compiling the analysis plugin")
    jar = [str(home / "bin" / "jar"), "--create", "--file", str(plugin / "evaluation.jar")]
    _output([*jar, "-C", str(classes), "."], "packing the analysis plugin")
    shutil.rmtree(classes)
    (plugin / "plugin-descriptor.properties").write_text(DESCRIPTOR)
    for path in (plugin, *plugin.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _output(command: list[str], doing: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{doing} failed: {error}") from None
    if done.returncode:
        last = (done.stdout + done.stderr).strip()[-500:]
        raise UnavailableError(f"{doing} failed with status {done.returncode}: {last}")
    return done.stdout + done.stderr
