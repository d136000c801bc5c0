"""The processor changes no answer: a question under an emulated one without VNNI instructions.

There ONNX Runtime multiplies integers by other kernels (see the card of the reader).
"""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

QEMU = "qemu-x86_64"
QUESTION = "What is the budget for 2027?"
TEXT = "# Minutes\n\nThe budget for 2027 was set at 4.2 million euros by the council.\n"
COMMAND = "import sys; from qa.commands.main import main; sys.exit(main())"


@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"{QEMU} is missing: apt install qemu-user")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="it runs the Python of this machine")
def test_an_answer_is_the_same_without_vnni(tmp_path: Path) -> None:
    """With signed 8-bit weights the emulated processor gives 0.22 instead of 0.86, and refuses."""
    (tmp_path / "minutes.md").write_text(TEXT, "utf-8")
    asked = [sys.executable, "-c", COMMAND, "ask", "--json", "--docs", str(tmp_path), QUESTION]
    ran = [
        subprocess.run([*prefix, *asked], check=True, capture_output=True, encoding="utf-8").stdout
        for prefix in ([], [QEMU, "-cpu", "Haswell"])
    ]
    here, there = map(json.loads, ran)
    assert there.pop("confidence") == pytest.approx(here.pop("confidence"), abs=1e-4)
    assert there == here
