"""The worker killed at twenty moments, by seed: before, within and after a write. The bytes are those of an unbroken run.

What a killed process leaves is what it has written, so the moments are counted in writes: a kill while it computes leaves what
a kill before the next write does. No moment is missed on a slow machine, and none comes twice.
"""

import random
import signal
from pathlib import Path

import pytest
from worker.kills import Moment, run
from worker.library import RENDER, TUNE, VARIANTS, VERSION, Library

KILLS_OF_A_VERB = 10
KILLS_OF_A_RUN = 2
CELLS = 10
# Longer than the steps between two checkpoints.
SETTINGS = {"steps": 30}


def draw_moment(moments: random.Random, writes: int) -> Moment:
    return Moment(moments.randint(1, writes), moments.choice(["before", "within", "after"]))


def survive(library: Library, verb: str, job: str, output: str, writes: int, moments: random.Random) -> None:
    """Kill the job so often, each time later than before, and let it end; what is there after a kill must stay as it is."""
    left, kept = writes, {}
    for attempt in range(1, KILLS_OF_A_RUN + 1):
        moment = draw_moment(moments, left)
        assert run(library, verb, job, attempt, moment) == -signal.SIGKILL, f"never came to {vars(moment)} of {writes} writes"
        left = max(1, left - moment.write)
        kept |= stamps(library, output)
    assert run(library, verb, job, KILLS_OF_A_RUN + 1, Moment(0, "never")) == 0
    # The same file, not only the same bytes: nothing that is whole is written a second time.
    assert kept.items() <= stamps(library, output).items()
    assert library.json(f"jobs/{job}/result.json")["attempt"] == KILLS_OF_A_RUN + 1


def stamps(library: Library, output: str) -> dict[str, tuple[int, int]]:
    """Which file, written when, each lasting output is. A sidecar lasts from when its picture is there."""
    paths = {path.name: path.stat() for path in (library.root / output).glob("[!.]*")}
    lasting = {name for name in paths if not name.startswith("cell_") or f"{Path(name).stem}.png" in paths}
    return {name: (paths[name].st_ino, paths[name].st_mtime_ns) for name in lasting}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, models):
    """A library after one unbroken run of each verb, and how many writes each took."""
    library = Library(tmp_path_factory.mktemp("unbroken"), *models)
    writes = {}
    for verb, job in (("tune", library.put_tune(SETTINGS)), ("render", None)):
        counts = library.root / f"{verb}.count"
        assert run(library, verb, job or library.put_render(CELLS), 1, Moment(0, "never"), counts) == 0
        writes[verb] = int(counts.read_text())
    return library, writes


@pytest.mark.parametrize("seed", range(KILLS_OF_A_VERB // KILLS_OF_A_RUN))
def test_killed_while_tuning(library, unbroken, seed):
    reference, writes = unbroken
    survive(library, "tune", library.put_tune(SETTINGS), VERSION, writes["tune"], random.Random(seed))
    assert library.files(VERSION) == reference.files(VERSION)
    assert library.json(f"jobs/{TUNE}/result.json")["state"] == "done"


@pytest.mark.parametrize("seed", range(KILLS_OF_A_VERB // KILLS_OF_A_RUN))
def test_killed_while_drawing(library, unbroken, seed):
    reference, writes = unbroken
    for name, content in reference.files(VERSION).items():
        library.put(f"{VERSION}{name}", content)
    survive(library, "render", library.put_render(CELLS), VARIANTS, writes["render"], random.Random(100 + seed))
    # Batches are drawn whole again, whatever of them is there: so the pictures are the same to the last bit.
    assert library.files(VARIANTS) == reference.files(VARIANTS)
    outputs = library.json(f"jobs/{RENDER}/result.json")["outputs"]
    assert len({output["key"] for output in outputs}) == len(outputs) == CELLS, "no cell twice, and none lost"
