"""What is committed of the benches: every value from its rows, every miss with its cause."""

import json
from pathlib import Path

import pytest
from troupe_bench.benches import BENCHES, find_bench
from troupe_bench.claims import holds
from troupe_bench.report import check_report
from troupe_worker.contracts import BenchFile

RESULTS = Path(__file__).parents[3] / "bench"
COMMITTED = [name for name in BENCHES if (RESULTS / f"{name}.json").exists()]


@pytest.mark.parametrize("name", COMMITTED)
def test_every_claim_is_what_its_rows_give(name: str):
    assert check_report(find_bench(name), RESULTS) == []


@pytest.mark.parametrize("name", COMMITTED)
def test_a_claim_that_does_not_hold_has_its_cause(name: str):
    file = BenchFile.model_validate_json((RESULTS / f"{name}.json").read_text())
    assert [claim.id for claim in file.claims if not holds(claim) and not claim.cause] == []
    assert (RESULTS / file.rows_file).stat().st_size < 2_000_000


def test_causes_are_of_claims_that_exist():
    causes = json.loads((RESULTS / "causes.json").read_text())
    for name in causes.keys() & BENCHES.keys():
        assert set(causes[name]) <= {claim.id for claim in find_bench(name).claims}
