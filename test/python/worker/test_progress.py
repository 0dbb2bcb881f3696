"""How far a job is: seldom enough for a bucket, and honest about the seconds left."""

import json

import pytest
from troupe_worker.contracts import JobProgress
from troupe_worker.logs import Log
from troupe_worker.progress import Progress
from troupe_worker.stopping import Stopped, StopSignal
from troupe_worker.storage import FolderStore

JOB = "job_" + "a" * 24


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("troupe_worker.progress.time.monotonic", lambda: now[0])
    return now


def test_progress_is_written_at_most_once_a_second(tmp_path, clock, monkeypatch):
    written = []
    monkeypatch.setattr(
        FolderStore, "replace", lambda self, key, content: written.append(JobProgress.model_validate_json(content))
    )
    progress = Progress(FolderStore(tmp_path), "progress.json", JOB)
    for step in range(100):
        clock[0] += 0.1
        progress.report("tune", step, 200)
    assert 9 <= len(written) <= 11
    assert written[0].seconds_left is None and written[-1].seconds_left == pytest.approx(0.1 * (200 - written[-1].step), abs=0.2)


def test_a_resumed_phase_is_not_credited_with_earlier_steps(tmp_path, clock):
    progress = Progress(FolderStore(tmp_path), "progress.json", JOB)
    progress.report("tune", 100, 120)
    clock[0] += 10
    progress.report("tune", 110, 120)
    assert json.loads((tmp_path / "progress.json").read_text())["secondsLeft"] == 10
    assert progress.seconds == {"tune": 10}


def test_a_log_line_is_json_with_its_job(capsys):
    Log(JOB).say("checkpoint.saved", step=3)
    assert json.loads(capsys.readouterr().out) == {"event": "checkpoint.saved", "jobId": JOB, "step": 3}


def test_a_stop_waits_for_the_loop_that_asked_for_patience():
    stop = StopSignal()
    with pytest.raises(Stopped), stop.patience():
        stop._hear(15, None)
        assert stop.wanted
    with pytest.raises(Stopped):
        stop._hear(15, None)
