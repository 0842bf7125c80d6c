"""``python -m suyuan.cli``."""

from __future__ import annotations

from .main import app

app(prog_name="suyuan")
