"""`edigw demo --exit`: every step of the story holds, in a folder that then can be looked at."""

import subprocess
import sys
import zipfile
from pathlib import Path


def test_every_step_of_the_story_holds(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "edigw.admin.cli", "demo", "--exit", "--dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every step held" in done.stdout and "BROKEN" not in done.stdout
    for kept in ("edigw.toml", "partners/nordwind.toml", "data/edigw.db", "data/payloads", "supplier/incoming"):
        assert (folder / kept).exists(), kept
    with zipfile.ZipFile(folder / "evidence.zip") as bundle:
        names = bundle.namelist()
    assert "verify.py" in names and "bundle.json" in names
    assert "Traceback" not in (folder / "gateway.log").read_text()


def test_a_folder_with_something_in_it_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    command = [sys.executable, "-m", "edigw.admin.cli", "demo", "--exit", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert (tmp_path / "mine.txt").read_text() == "precious"
