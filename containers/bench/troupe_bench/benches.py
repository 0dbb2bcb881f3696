"""The table of benches: one module and one row each."""

from importlib import import_module

from troupe_bench.bench import Bench

BENCHES = {"base": "troupe_bench.base", "oneactor": "troupe_bench.oneactor"}


def find_bench(name: str) -> Bench:
    """Return a bench; a name that is none is refused."""
    if name not in BENCHES:
        raise ValueError(f"there is no bench {name}; there are {', '.join(BENCHES)}")
    return import_module(BENCHES[name]).BENCH
