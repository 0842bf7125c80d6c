"""Tables and pages of docs/, read as text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def read_table(page: str, name: str) -> list[list[str]]:
    """Return the rows of the table called *name*, without its head."""
    body = page.partition(f"<!-- table: {name} -->\n")[2].partition("<!-- end of table -->")[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in body.splitlines()[2:]]


def run_script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of docs/ as a reader would."""
    command = [sys.executable, str(DOCS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)
