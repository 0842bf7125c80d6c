"""What is wrong with one cell, row, table or file, said so that a clerk finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from ..errors import Language, Problem
from .rows import Kind, Row, Where, kind_of, label

Level = Literal["refused", "warned"]

_ONLY_SHEETS = {"", "Sheet1", "工作表1"}  # CSV, and what Excel and WPS call a workbook's first sheet: no news


@dataclass(frozen=True, slots=True)
class RowProblem:
    """
    A problem and its place. ``row`` 0 is the whole file, an empty ``column`` the whole row.

    ``batch`` or ``name`` says whose row it is; the sentences never hold a person's name, phone or address.
    """

    file: str
    sheet: str
    row: int
    column: str
    heading: str
    batch: str
    name: str
    code: str
    zh: str
    en: str
    level: Level
    kind: Kind | None

    @classmethod
    def of(cls, row: Row, problem: Problem, field: str = "", level: Level = "refused") -> Self:
        """Return *problem* as one of *row*, in the column of *field* (a field of the row class, or empty)."""
        return cls.at(row.where, problem, field, level, Subject(kind_of(row), *label(row)))

    @classmethod
    def at(
        cls,
        where: Where,
        problem: Problem,
        field: str = "",
        level: Level = "refused",
        subject: Subject | None = None,
    ) -> Self:
        """Return *problem* as one of the place *where*; *subject* says what kind of table and whose row it is."""
        whose = subject or Subject(None)
        return cls(
            file=where.file,
            sheet=where.sheet,
            row=where.row,
            column=where.columns.get(field, ""),
            heading=where.headings.get(field, ""),
            batch=whose.batch,
            name=whose.name,
            code=problem.code,
            zh=problem.zh,
            en=problem.en,
            level=level,
            kind=whose.kind,
        )

    def text(self, language: Language = "zh") -> str:
        """
        Return place and sentence in one line.

        Literal example: ``采收记录.xlsx 第 234 行 B 列（采收日期）：日期“2026-13-40”无法识别``.
        """
        if self.code.startswith(("file.", "folder.")):  # these sentences name the file themselves
            return self.zh if language == "zh" else self.en
        return f"{self._place_zh()}：{self.zh}" if language == "zh" else f"{self._place_en()}: {self.en}"

    def _place_zh(self) -> str:
        sheet = f"［{self.sheet}］" if self.sheet not in _ONLY_SHEETS else ""
        row = f" 第 {self.row} 行" if self.row else ""
        column = f" {self.column} 列" if self.column else ""
        return f"{self.file}{sheet}{row}{column}" + (f"（{self.heading}）" if self.heading else "")

    def _place_en(self) -> str:
        sheet = f" [{self.sheet}]" if self.sheet not in _ONLY_SHEETS else ""
        row = f" row {self.row}" if self.row else ""
        column = f" column {self.column}" if self.column else ""
        return f"{self.file}{sheet}{row}{column}" + (f" ({self.heading})" if self.heading else "")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose row a problem is about: the kind of table, and the batch or the name."""

    kind: Kind | None
    batch: str = ""
    name: str = ""
