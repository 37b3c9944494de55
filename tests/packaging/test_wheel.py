"""The built wheel, installed in a clean environment of an unrelated project, gates."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.example import Example, clean_environment

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT,
        cwd=folder,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("pytest_ragft-*.whl")
    return path


def test_it_carries_its_data_files_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "pytest_ragft/py.typed" in names
    assert "pytest_ragft/reporting/report.schema.json" in names
    for template in ("base", "parts", "report", "study"):
        assert f"pytest_ragft/reporting/html/{template}.html.jinja" in names
    for part in ("report.css", "report.js", "study.css"):
        assert f"pytest_ragft/reporting/html/{part}" in names
    assert "pytest_ragft/judging/data/reference.json" in names
    assert "pytest_ragft/judging/data/abstention.toml" in names
    assert "pytest_ragft/calibration/data/check.jsonl" in names
    assert "pytest_ragft/judging/data/semantic/adapter_model.safetensors" in names
    example = "pytest_ragft/cli/data/example"
    assert f"{example}/pytest.ini" in names
    assert f"{example}/suites/fernwick/suite.toml" in names
    assert {f"{example}/{arm}.jsonl" for arm in ("baseline", "better", "worse")} < set(names)
    roots = {name.split("/")[0].split("-")[0] for name in names}
    assert roots == {"pytest_ragft"}


def test_it_gates_in_a_clean_environment(wheel: Path, tmp_path: Path, example: Example) -> None:
    assert run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path).returncode == 0
    python = tmp_path / "env" / "bin" / "python"
    installed = run(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "-c", ROOT / "constraints.txt", wheel,
        cwd=tmp_path,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    result = run(
        python, "-m", "pytest", "suites",
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
        "--ragft-json=report.json",
        cwd=example.folder,
    )  # fmt: skip
    model = run(python, "-m", "pytest", "suites", "--ragft-model=fixtures", cwd=example.folder)

    assert result.returncode == 1, result.stdout + result.stderr
    report = json.loads((example.folder / "report.json").read_text())
    assert {gate["verdict"]["outcome"] for gate in report["gates"]} == {"REGRESSION"}
    assert "Traceback" not in model.stdout + model.stderr


def test_a_missing_extra_names_the_install_command(
    wheel: Path, tmp_path: Path, example: Example
) -> None:
    """Checked without an environment of its own: torch is hidden from the import system."""
    example.suite(documents=2)
    example.write("hide.py", "import sys\nsys.modules['torch'] = None\n")
    from tests.tiny import tiny_folder

    result = example.run_pytest(
        "-p", "hide", "suites", f"--ragft-model={tiny_folder() / 'alive'}",
        f"--ragft-base={tiny_folder() / 'model'}",
        env={"PYTHONPATH": str(example.folder)},
    )  # fmt: skip

    text = " ".join((result.out + result.err).split())
    assert result.code in (1, 4)
    assert "pip install 'pytest-ragft[hf]'" in text
    assert "Traceback" not in text


def test_a_clone_starts_its_suites_without_the_tools_of_its_tests(example: Example) -> None:
    """Tools are hidden from the import system, and with them a plugin of one."""
    tools = ("hypothesis", "psutil", "trustme", "jsonschema", "junitparser", "ir_measures")
    example.write("hide.py", f"import sys\nsys.modules |= dict.fromkeys({tools!r})\n")

    result = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "hide", "-p", "no:cacheprovider",
            "-p", "no:hypothesispytest", "suites/biomedical", "-q",
        ],
        cwd=ROOT,
        env=clean_environment() | {"PYTHONPATH": str(example.folder)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    nothing_without_a_model = 5
    assert result.returncode == nothing_without_a_model, result.stdout + result.stderr
