"""The oracle belongs to benches and tests: nothing that is deployed or runs in a job names it."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
PRODUCT = ("bin", "functions", "lib", "containers/worker")
BENCHES = ROOT / "lib" / "bench"


def test_no_product_code_names_the_oracle():
    files = [path for room in PRODUCT for path in (ROOT / room).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) > 200
    naming = [path for path in files if BENCHES not in path.parents and b"oracle" in path.read_bytes().lower()]
    assert naming == []
