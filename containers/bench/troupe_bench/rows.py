"""Rows: one measured picture each, numbers and words only. On disk as JSON lines, in memory as columns."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]  # has at least `part` and `subject`


def pack(rows: Iterable[Row]) -> str:
    """Return rows as JSON lines, floats cut to six digits: more would be noise."""
    return "".join(json.dumps(_shorten(row), sort_keys=True) + "\n" for row in rows)


def unpack(text: str) -> list[Row]:
    """Return the rows of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write `.jsonl.gz`: the same rows are the same bytes."""
    path.write_bytes(gzip.compress(pack(rows).encode(), compresslevel=9, mtime=0))


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a `.jsonl.gz`."""
    return unpack(gzip.decompress(path.read_bytes()).decode())


def _shorten(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shorten(item) for item in value]
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.6g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


@dataclass(frozen=True)
class Rows:
    """Rows as columns: (N,) float64 where a field holds numbers (NaN: absent), (N, K) for lists of numbers, else objects."""

    columns: dict[str, np.ndarray]

    @staticmethod
    def of(rows: list[Row]) -> "Rows":
        """Make columns of every field that any row has."""
        names = dict.fromkeys(name for row in rows for name in row)
        return Rows({name: _column([row.get(name) for row in rows]) for name in names})

    @staticmethod
    def of_part(rows: list[Row], part: str) -> "Rows":
        """Make columns of one part's rows: parts have fields of their own, which never mix with another's."""
        return Rows.of([row for row in rows if row["part"] == part])

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def where(self, **wanted: Any) -> "Rows":
        """Return the rows whose fields have these values, or one of a tuple; a field that no row has matches nothing."""
        kept = np.ones(len(self), bool)
        for name, value in wanted.items():
            kept &= np.isin(self.columns[name], value) if name in self.columns else False
        return self.take(np.flatnonzero(kept))

    def take(self, index: np.ndarray) -> "Rows":
        """Return these rows, repeats included."""
        return Rows({name: column[index] for name, column in self.columns.items()})


def _column(values: list[Any]) -> np.ndarray:
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float, bool}:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    if kinds == {list} and all(value is not None for value in values):
        lengths = {len(value) for value in values}
        if len(lengths) == 1 and all(isinstance(item, int | float) for value in values for item in value):
            return np.array(values, np.float64)
    column = np.empty(len(values), object)
    column[:] = values
    return column
