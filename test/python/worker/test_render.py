"""Drawing: each cell once, each picture with its record."""

import hashlib

import numpy as np
import pytest
from troupe_worker.contracts import Cell, Variant
from troupe_worker.models import pick_dtype
from troupe_worker.pictures import read_picture
from troupe_worker.render import plan_batches
from troupe_worker.storage import FolderStore
from worker.library import RENDER, TUNE, VARIANTS


def test_every_cell_gets_a_picture_and_a_sidecar(tuned_copy):
    assert tuned_copy.run("render", tuned_copy.put_render(cells=3)) == 0
    files = tuned_copy.files(VARIANTS)
    assert len(files) == 6
    for name in [name for name in files if name.endswith(".json")]:
        variant = Variant.model_validate_json(files[name])
        picture = files[name.replace(".json", ".png")]
        assert variant.picture.sha256 == hashlib.sha256(picture).hexdigest()
        assert read_picture(picture).size == (64, 64)
        assert variant.prompt_drawn.startswith("a sks girl ")
        assert variant.libraries["torch"] and variant.device.endswith(str(pick_dtype("cpu")).removeprefix("torch."))
    result = tuned_copy.json(f"jobs/{RENDER}/result.json")
    assert (result["state"], len(result["outputs"]), result["skipped"]) == ("done", 3, 0)


def test_only_progress_is_written_over(library, monkeypatch):
    # The bucket's policy refuses blind writes everywhere but here and in the checkpoints.
    written = []
    replace = FolderStore.replace
    monkeypatch.setattr(FolderStore, "replace", lambda store, key, content: written.append(key) or replace(store, key, content))
    assert library.run("tune", library.put_tune()) == 0
    assert library.run("render", library.put_render(cells=2)) == 0
    assert set(written) == {f"jobs/{TUNE}/progress.json", f"jobs/{RENDER}/progress.json"}


def test_a_drawn_cell_is_skipped_and_the_rest_gets_the_same_bytes(tuned_copy, monkeypatch):
    assert tuned_copy.run("render", tuned_copy.put_render(cells=4)) == 0
    whole = tuned_copy.files(VARIANTS)
    kept, cut, lost = (f"{VARIANTS}cell_{number:024}" for number in (0, 1, 2))
    (tuned_copy.root / f"jobs/{RENDER}/result.json").unlink()
    (tuned_copy.root / f"{cut}.png").unlink()  # killed between sidecar and picture
    for ending in (".png", ".json"):
        (tuned_copy.root / f"{lost}{ending}").unlink()
    written = []
    create = FolderStore.create

    def watch(self, key, content):
        written.append(key)
        create(self, key, content)

    monkeypatch.setattr(FolderStore, "create", watch)
    assert tuned_copy.run("render", RENDER) == 0
    assert tuned_copy.files(VARIANTS) == whole
    assert [key for key in written if key.startswith(VARIANTS)] == [f"{cut}.json", f"{cut}.png", f"{lost}.json", f"{lost}.png"]
    assert kept and tuned_copy.json(f"jobs/{RENDER}/result.json")["skipped"] == 2
    assert len(tuned_copy.json(f"jobs/{RENDER}/result.json")["outputs"]) == 4


def test_shards_draw_all_cells_once(tuned_copy):
    job = tuned_copy.put_render(cells=5, shards=2)
    assert tuned_copy.run("render", job, AWS_BATCH_JOB_ARRAY_INDEX="0", AWS_BATCH_JOB_ID="x:0") == 0
    assert len(tuned_copy.files(VARIANTS)) == 2 * 3
    assert tuned_copy.run("render", job, AWS_BATCH_JOB_ARRAY_INDEX="1", AWS_BATCH_JOB_ID="x:1") == 0
    assert len(tuned_copy.files(VARIANTS)) == 2 * 5
    assert tuned_copy.json(f"jobs/{job}/shards/1/result.json")["shard"] == 1


def test_an_existing_picture_is_never_overwritten(tuned_copy):
    job = tuned_copy.put_render(cells=1)
    foreign = f"{VARIANTS}cell_{0:024}"
    assert tuned_copy.run("render", job) == 0
    picture = tuned_copy.read(f"{foreign}.png")
    assert tuned_copy.run("render", tuned_copy.put_render(cells=1, sampler={"name": "ddim", "steps": 2, "guidance": 2})) == 0
    assert tuned_copy.read(f"{foreign}.png") == picture


def test_shards_change_no_picture_beyond_rounding(tuned_copy, tmp_path_factory):
    assert tuned_copy.run("render", tuned_copy.put_render(cells=2)) == 0
    together = tuned_copy.files(VARIANTS)
    for name in together:
        (tuned_copy.root / VARIANTS / name).unlink()
    (tuned_copy.root / f"jobs/{RENDER}/result.json").unlink()
    job = tuned_copy.put_render(cells=2, shards=2)
    for shard in ("0", "1"):
        assert tuned_copy.run("render", job, AWS_BATCH_JOB_ARRAY_INDEX=shard, AWS_BATCH_JOB_ID=f"x:{shard}") == 0
    apart = tuned_copy.files(VARIANTS)
    for name in [name for name in together if name.endswith(".png")]:
        pair = [np.asarray(read_picture(files[name])).astype(int) for files in (together, apart)]
        assert np.abs(pair[0] - pair[1]).max() <= 2


@pytest.mark.parametrize("drawn, left", [(set(), [3, 1]), ({0, 1, 2}, [1]), ({1}, [3, 1]), ({0, 1, 2, 3}, [])])
def test_batches_are_the_plans_and_whole_ones_are_left_out(drawn, left):
    cells = [Cell(cell=f"cell_{number:024}", prompt="x", subjects=["mina"], seed=0, width=64, height=64) for number in range(4)]
    groups = plan_batches(cells, {f"cell_{number:024}" for number in drawn}, 3)
    assert [len(batch) for group in groups for batch in group.batches] == left
