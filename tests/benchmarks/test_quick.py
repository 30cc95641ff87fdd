"""The benchmarks run: each of them, in its quick mode, on a server of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_each_benchmark_runs_and_reports(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--out", str(tmp_path)],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    report = json.loads((tmp_path / "report.json").read_text())
    assert all(ratio["value"] > 0 for ratio in report["ratios"].values())
    started = {name.partition(":")[0] for name in report["ratios"]}
    assert {"commands", "http", "reads", "files"} <= started
    assert {"replay/COPY", "replay/verify"} <= set(report["rates"])
    assert "| ratio |" in (tmp_path / "report.md").read_text()
