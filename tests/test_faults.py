"""The table of faults still runs: its rows are no part of the suite, and nobody saw that some broke off."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import skip_or_fail

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("row", "found"), [("killed", "0 torn, 0 breaches"), ("clocks", "0 breaches")])
def test_a_row_of_faults_ends_with_what_it_found(row: str, found: str, database: str) -> None:
    asked = ("--brief", "--json", "--only", row, "--database", database)
    done = subprocess.run(
        [sys.executable, "-m", "faults.run", *asked], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )

    (line,) = json.loads(done.stdout)
    if line["verdict"] == "skipped":
        skip_or_fail(line["found"])
    assert found in line["found"], done.stderr
