"""What is committed of the benches: every value from its rows, every miss with its cause."""

import json
from pathlib import Path

import pytest
from troupe_bench.benches import BENCHES, find_bench
from troupe_bench.claims import holds
from troupe_bench.report import check_report
from troupe_bench.rows import read_rows
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


@pytest.mark.parametrize("name", COMMITTED)
def test_all_that_is_claimed_was_measured_with_what_is_named(name: str):
    bench, file = find_bench(name), BenchFile.model_validate_json((RESULTS / f"{name}.json").read_text())
    assert [claim.id for claim in file.claims] == [claim.id for claim in bench.claims]
    held_out = {part.name for part in bench.parts if part.held_out}
    assert set(file.subjects) == {row["subject"] for row in read_rows(RESULTS / file.rows_file) if row["part"] in held_out}
    assert set(file.digests) == {digest for part in bench.parts for digest in part.uses}
    kit = bench.make_kit(RESULTS)
    assert file.digests == {name: digest for name, digest in kit.digests().items() if name in file.digests}, "measure again"


def test_causes_are_of_claims_that_exist():
    causes = json.loads((RESULTS / "causes.json").read_text())
    for name in causes.keys() & BENCHES.keys():
        assert set(causes[name]) <= {claim.id for claim in find_bench(name).claims}
