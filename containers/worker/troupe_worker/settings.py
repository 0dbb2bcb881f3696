"""Settings of methods: frozen dataclasses in Python, camelCase records on the wire."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from troupe_worker.errors import JobFailed

S = TypeVar("S")
SettingValues = Mapping[str, int | float | bool | str]


def read_settings(defaults: S, asked: SettingValues) -> S:
    """Return `defaults` with what the job asks for; a wrong name, type or range is refused with its name."""
    fields = {field.name: type(getattr(defaults, field.name)) for field in dataclasses.fields(defaults)}
    changes: dict[str, Any] = {}
    for wire, value in asked.items():
        name, kind = _snake(wire), None
        if name in fields and _camel(name) == wire:
            kind = fields[name]
        if kind is float and type(value) is int:
            value = float(value)
        if kind is None or type(value) is not kind:
            known = ", ".join(_camel(field) for field in fields)
            raise JobFailed("setting_invalid", f"Setting {wire} is unknown or of the wrong type; there are {known}.")
        changes[name] = value
    try:
        return dataclasses.replace(defaults, **changes)
    except ValueError as error:
        raise JobFailed("setting_invalid", f"A setting is out of its range: {error}.") from error


def write_settings(settings: Any) -> dict[str, int | float | bool | str]:
    """Return every setting under its wire name."""
    return {_camel(name): value for name, value in dataclasses.asdict(settings).items()}


def check_ranges(settings: Any, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raise `ValueError` with the numbers for the first setting outside its inclusive range."""
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            raise ValueError(f"{_camel(name)} is {value}, allowed are {low} to {high}")


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _snake(wire: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", wire)
