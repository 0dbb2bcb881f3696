"""Real processes, ended at bad moments: nothing is lost, and the bytes are those of an unbroken run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from worker.library import RENDER, TUNE, VARIANTS, VERSION

LONG = {"steps": 60}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, models):
    """The version that 60 unbroken steps make."""
    from worker.library import Library

    library = Library(tmp_path_factory.mktemp("unbroken"), *models)
    assert library.run("tune", library.put_tune(LONG)) == 0
    return library.files(VERSION)


def wait_for(condition, process=None, seconds=120.0):
    """Wait until `condition()`; a process that ended before it never will."""
    end = time.monotonic() + seconds
    while not condition():
        assert process is None or process.exitcode is None, f"ended with {process.exitcode}"
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def count(folder: Path) -> int:
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_kill_while_tuning_and_go_on(library, unbroken):
    job = library.put_tune(LONG)
    manifests = library.root / f"jobs/{TUNE}/checkpoints/manifests"
    first = library.start("tune", job)
    wait_for(lambda: count(manifests) >= 4, first)  # references, class, and two of the loop's
    first.kill()
    first.join()
    assert first.exitcode == -signal.SIGKILL and not library.files(VERSION)
    second = library.start("tune", job, AWS_BATCH_JOB_ATTEMPT="2")
    second.join(120)
    assert second.exitcode == 0
    assert library.files(VERSION) == unbroken
    assert library.json(f"jobs/{TUNE}/result.json")["attempt"] == 2


def test_sigterm_keeps_the_last_step_and_asks_for_another_run(library, unbroken):
    job = library.put_tune(LONG)
    manifests = library.root / f"jobs/{TUNE}/checkpoints/manifests"
    first = library.start("tune", job)
    wait_for(lambda: count(manifests) >= 3, first)
    time.sleep(0.2)  # well into the next step
    before, told_at = count(manifests), time.monotonic()
    first.terminate()
    first.join(30)
    assert first.exitcode == 75 and time.monotonic() - told_at < 10
    assert count(manifests) > before, "the step it was at is kept"
    assert not (library.root / f"jobs/{TUNE}/result.json").exists()
    assert library.run("tune", job) == 0
    assert library.files(VERSION) == unbroken


def test_kill_while_drawing_and_go_on(tuned_copy, monkeypatch):
    job = tuned_copy.put_render(cells=20)
    first = tuned_copy.start("render", job)
    wait_for(lambda: any(name.endswith(".png") for name in tuned_copy.files(VARIANTS)), first)
    first.kill()
    first.join()
    drawn = tuned_copy.files(VARIANTS)
    assert first.exitcode == -signal.SIGKILL and len(drawn) < 40, "killed before the end"
    second = tuned_copy.start("render", job)
    second.join(120)
    assert second.exitcode == 0
    cut = tuned_copy.files(VARIANTS)
    assert len(cut) == 40 and drawn.items() <= cut.items(), "what was drawn stays"
    for name in cut:
        (tuned_copy.root / VARIANTS / name).unlink()
    (tuned_copy.root / f"jobs/{RENDER}/result.json").unlink()
    assert tuned_copy.run("render", job) == 0
    assert tuned_copy.files(VARIANTS) == cut


def test_the_command_line_runs_a_job(tuned_copy):
    worker = Path(__file__).parents[3] / "containers" / "worker"
    command = [sys.executable, "-m", "troupe_worker", "render", "--job", tuned_copy.address(tuned_copy.put_render(cells=1))]
    environment = {**os.environ, **tuned_copy.environment()}
    done = subprocess.run(command, cwd=worker, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    assert '"event": "job.done"' in done.stdout
    assert len(tuned_copy.files(VARIANTS)) == 2
