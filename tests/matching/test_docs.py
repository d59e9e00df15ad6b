"""The example in docs/matching.md, run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

from matching.test_files import SMALL, write

PAGE = Path(__file__).parents[2] / "docs" / "matching.md"


def test_the_example_ranks_the_request_of_the_files(tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    ran = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert re.fullmatch(r"r1 \[\('anna', 0\.\d+\)\]\n", ran.stdout)
