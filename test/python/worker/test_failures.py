"""Every ending has its exit code, and a failure for good leaves a result that says why."""

import pytest
import torch
from troupe_worker.claims import Superseded, take_claim
from troupe_worker.contracts import Claim, JobFailure
from troupe_worker.errors import PassingError
from troupe_worker.storage import FolderStore
from worker.library import RENDER, TUNE, VARIANTS, VERSION


def failure(library, job=TUNE):
    result = JobFailure.model_validate(library.json(f"jobs/{job}/result.json"))
    assert result.sentence.endswith(".")
    return result.code


def test_a_job_that_is_not_there(library):
    assert library.run("tune", TUNE) == 42
    assert failure(library) == "job_invalid"


def test_a_job_that_is_not_valid(library):
    library.put(f"jobs/{TUNE}/job.json", b'{"verb": "tune"}')
    assert library.run("tune", TUNE) == 42
    assert failure(library) == "job_invalid"


def test_a_job_of_another_verb(library):
    assert library.run("render", library.put_tune()) == 42
    assert failure(library) == "job_invalid"


def test_an_unknown_model(library):
    library.put_tune(base_model=library.base.model_copy(update={"name": "other"}))
    assert library.run("tune", TUNE) == 42
    assert failure(library) == "model_unknown"


def test_another_version_of_the_model(library):
    library.put_tune(base_model=library.base.model_copy(update={"digest": "1" * 64}))
    assert library.run("tune", TUNE) == 42
    assert failure(library) == "model_unverified"


@pytest.mark.parametrize("settings", [{"rank": 0}, {"rank": 2.5}, {"rank": True}, {"colour": 1}])
def test_a_wrong_setting(library, settings):
    assert library.run("tune", library.put_tune(settings)) == 42
    assert failure(library) == "setting_invalid"


def test_a_method_that_cannot(library, monkeypatch):
    monkeypatch.setattr("troupe_worker.methods.METHODS", {})
    assert library.run("tune", library.put_tune()) == 42
    assert failure(library) == "method_unknown"


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"other")])
def test_a_reference_that_is_gone_or_another(library, harm):
    harm(library.root / library.references[0]["key"])
    assert library.run("tune", library.put_tune()) == 42
    assert failure(library) == "reference_missing"


@pytest.mark.parametrize("token", ["mina", "<|endoftext|>", "girl waving"])
def test_a_token_that_is_no_word(library, token):
    assert library.run("tune", library.put_tune(token=token)) == 42
    assert failure(library) == "token_unknown"


def test_numbers_that_are_not_finite(library, monkeypatch):
    monkeypatch.setattr("troupe_worker.training.torch.isfinite", lambda loss: torch.tensor(False))
    assert library.run("tune", library.put_tune()) == 42
    assert failure(library) == "numbers_not_finite"


@pytest.mark.parametrize("error, code", [(MemoryError(), "out_of_memory"), (RuntimeError("bug"), "internal")])
def test_our_own_failures(library, monkeypatch, error, code):
    def fail(*inputs):
        raise error

    monkeypatch.setattr("troupe_worker.tune.load_model", fail)
    assert library.run("tune", library.put_tune()) == 42
    assert failure(library) == code


def test_an_output_that_exists_with_other_content(library):
    library.put(f"{VERSION}adapter.safetensors", b"somebody else's")
    assert library.run("tune", library.put_tune()) == 42
    assert failure(library) == "output_conflict"
    assert library.read(f"{VERSION}adapter.safetensors") == b"somebody else's"


def test_a_plan_that_is_gone(tuned_copy):
    job = tuned_copy.put_render()
    (tuned_copy.root / "campaigns/spring/plan.json").unlink()
    assert tuned_copy.run("render", job) == 42
    assert failure(tuned_copy, RENDER) == "plan_missing"


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"other")])
def test_an_adapter_that_is_gone_or_another(tuned_copy, harm):
    job = tuned_copy.put_render()
    harm(tuned_copy.root / VERSION / "adapter.safetensors")
    assert tuned_copy.run("render", job) == 42
    assert failure(tuned_copy, RENDER) == "adapter_missing"


def test_an_adapter_that_is_no_adapter(tuned_copy):
    (tuned_copy.root / VERSION / "adapter.safetensors").write_bytes(b"not tensors")
    assert tuned_copy.run("render", tuned_copy.put_render()) == 42
    assert failure(tuned_copy, RENDER) == "adapter_missing"


def test_a_shard_that_is_not(tuned_copy):
    assert tuned_copy.run("render", tuned_copy.put_render(shards=2), AWS_BATCH_JOB_ARRAY_INDEX="2") == 42
    assert failure(tuned_copy, RENDER) == "job_invalid"


def test_a_failed_job_fails_again_without_work(library):
    library.run("tune", library.put_tune({"rank": 0}))
    before = library.files("")
    assert library.run("tune", TUNE, AWS_BATCH_JOB_ATTEMPT="2") == 42
    assert library.files("") == before


def test_a_passing_error_asks_for_another_run_and_leaves_no_result(library, monkeypatch):
    def fail(self, key, content):
        raise PassingError("S3 answered 503 SlowDown")

    monkeypatch.setattr(FolderStore, "replace", fail)
    assert library.run("tune", library.put_tune()) == 75
    assert not (library.root / f"jobs/{TUNE}/result.json").exists()


def test_an_address_that_is_no_job_is_a_wrong_use(library):
    with pytest.raises(SystemExit) as ended:
        library.run("tune", "mina")
    assert ended.value.code == 2


CLAIM = {"job": TUNE, "epoch": 2, "holder": "b", "attempt": 2}


@pytest.mark.parametrize(
    "there, wins",
    [
        ({}, True),  # the same process again, on a laptop
        ({"attempt": 1}, True),  # a retry
        ({"attempt": 3}, False),  # a zombie of an earlier attempt
        ({"holder": "a"}, False),  # submitted twice: the first one has it
        ({"epoch": 1, "holder": "a"}, True),  # submitted again with a later epoch
        ({"epoch": 3, "holder": "a"}, False),  # superseded
    ],
)
def test_who_may_claim(tmp_path, there, wins):
    store = FolderStore(tmp_path)
    take_claim(store, "claim.json", Claim(**{**CLAIM, **there}))
    if wins:
        take_claim(store, "claim.json", Claim(**CLAIM))
        assert Claim.model_validate_json(store.read("claim.json")) == Claim(**CLAIM)
    else:
        with pytest.raises(Superseded):
            take_claim(store, "claim.json", Claim(**CLAIM))


def test_the_loser_leaves_before_it_loads_anything(library, monkeypatch):
    job = library.put_tune()
    take_claim(FolderStore(library.root), f"jobs/{job}/claim.json", Claim(**{**CLAIM, "epoch": 5}))
    monkeypatch.setattr("troupe_worker.tune.load_model", lambda *inputs: pytest.fail("loaded"))
    assert library.run("tune", job, epoch=2) == 0
    assert not (library.root / f"jobs/{job}/result.json").exists()


def test_whoever_lost_the_claim_on_the_way_writes_no_more(tuned_copy, monkeypatch):
    job = tuned_copy.put_render(cells=2)
    store = FolderStore(tuned_copy.root)
    monkeypatch.setattr(
        "troupe_worker.render.write_png",
        lambda pixels: take_claim(store, f"jobs/{job}/claim.json", Claim(job=job, epoch=9, holder="later", attempt=1)) or b"",
    )
    assert tuned_copy.run("render", job) == 0
    assert not tuned_copy.files(VARIANTS) and not (tuned_copy.root / f"jobs/{job}/result.json").exists()
