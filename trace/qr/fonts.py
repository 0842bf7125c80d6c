"""The fonts of label sheets: a Chinese face that comes as a package, so that no machine's own fonts are needed."""

from __future__ import annotations

from pathlib import Path


def find_sheet_fonts() -> tuple[Path, ...]:
    """Return the font files for ``qr.sheet.write_sheet``, in the order in which a character is looked up."""
    from pylopdf_fonts_zh_cn import sans_path

    return (Path(sans_path()),)
