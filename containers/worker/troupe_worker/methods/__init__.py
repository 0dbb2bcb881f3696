"""Methods: how a subject is learned or used, one module (or folder) each and one row in `METHODS`.

A module has `DEFAULTS` (settings by family) and those of `tune`, `render` that it can do; `strengthen` where what was learned
can be applied more or less. It may import the kit, never another method.
Job files, storage and result files do not belong here.
"""

from importlib import import_module
from types import ModuleType

from troupe_worker.errors import JobFailed

METHODS = {
    "dreambooth-lora": "troupe_worker.methods.dreambooth_lora",
    "oneactor": "troupe_worker.methods.oneactor",
    "textual-inversion": "troupe_worker.methods.textual_inversion",
}


def find_method(name: str, verb: str) -> ModuleType:
    """Return the module of a method that can do `verb`. Imported when asked for: a job pays for its own method only."""
    if name not in METHODS:
        raise JobFailed("method_unknown", f"This worker knows no method {name}; it has {', '.join(METHODS)}.")
    module = import_module(METHODS[name])
    if not hasattr(module, verb):
        raise JobFailed("method_unknown", f"The method {name} cannot {verb}.")
    return module
