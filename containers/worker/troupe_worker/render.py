"""The verb `render`: the cells of one shard of a plan, each as a picture with its sidecar."""

from dataclasses import dataclass
from types import ModuleType

from pydantic import ValidationError

from troupe_worker.adapters import read_adapter
from troupe_worker.attempts import Attempt, describe_object, list_libraries
from troupe_worker.canonical import canonical_json
from troupe_worker.contracts import Cell, Plan, RenderJob, SubjectDrawn, TunedSubject, Variant
from troupe_worker.errors import JobFailed
from troupe_worker.fetching import bring_model
from troupe_worker.locks import find_models
from troupe_worker.methods import find_method
from troupe_worker.models import BaseModel, describe_device, load_model, pick_device
from troupe_worker.pictures import write_png
from troupe_worker.prompts import cut_prompt
from troupe_worker.sampling import PictureRequest
from troupe_worker.storage import ExistsError, MissingError, Store
from troupe_worker.subjects import Learned

# Pictures drawn together, by family: what a 16 GB card and a laptop's cores carry.
BATCH = {"paperdoll": 8, "sd15": 4, "sdxl": 2}


@dataclass(frozen=True)
class Group:
    """Cells that can share batches: the same subjects and the same size."""

    subjects: tuple[str, ...]
    batches: list[list[Cell]]


def run_render(job: RenderJob, attempt: Attempt) -> None:
    """Draw every cell of this attempt's shard that is not drawn yet."""
    plan = _read_plan(attempt.store, job.plan)
    cells = plan.cells[attempt.shard :: job.shards]
    drawn = _find_drawn(attempt, job.output, cells)
    groups = plan_batches(cells, drawn, BATCH[plan.base_model.family])
    if groups:
        _draw_groups(job, plan, groups, drawn, attempt)


def plan_batches(cells: list[Cell], drawn: set[str], size: int) -> list[Group]:
    """Return the batches that have something left to draw. Who shares a batch is decided by the plan alone: a batch that was
    cut is drawn again whole, for the same bits, and only what is missing is written."""
    alike: dict[tuple[tuple[str, ...], int, int], list[Cell]] = {}
    for cell in cells:
        alike.setdefault((tuple(cell.subjects), cell.width, cell.height), []).append(cell)
    groups = []
    for (subjects, _, _), members in alike.items():
        batches = [members[start : start + size] for start in range(0, len(members), size)]
        left = [batch for batch in batches if any(cell.cell not in drawn for cell in batch)]
        if left:
            groups.append(Group(subjects, left))
    return groups


def _draw_groups(job: RenderJob, plan: Plan, groups: list[Group], drawn: set[str], attempt: Attempt) -> None:
    models = bring_model(find_models(), plan.base_model, attempt.store, attempt.progress.report)
    attempt.progress.report("load the base model", 0, 1)
    base = load_model(models, plan.base_model, pick_device())
    attempt.device = describe_device(base)
    tuned = {subject.subject: subject for subject in plan.subjects}
    done, of = 0, sum(len(group.batches) for group in groups) * plan.sampler.steps

    def on_step(step: int) -> None:
        attempt.progress.report("draw", done + step, of)

    for group in groups:
        learned = [_learn(attempt.store, tuned, name, plan) for name in group.subjects]
        method = _choose_method([tuned[name] for name in group.subjects])
        requests = [[_request(base, method, cell, learned) for cell in batch] for batch in group.batches]
        pictures = method.render(base, learned, requests, plan.sampler, on_step)
        for batch, asked, pixels_BHWC in zip(group.batches, requests, pictures, strict=True):
            for cell, request, pixels_HWC in zip(batch, asked, pixels_BHWC, strict=True):
                if cell.cell not in drawn:
                    _write_variant(job, plan, cell, request.prompt, write_png(pixels_HWC), attempt)
            done += plan.sampler.steps
    attempt.progress.report("draw", done, of)


def _write_variant(job: RenderJob, plan: Plan, cell: Cell, prompt: str, picture: bytes, attempt: Attempt) -> None:
    """Write the sidecar, then the picture: the picture's arrival is the news, and whoever hears it finds the record."""
    tuned = {subject.subject: subject for subject in plan.subjects}
    variant = Variant(
        campaign=plan.campaign,
        cell=cell,
        prompt_drawn=prompt,
        sampler=plan.sampler,
        base_model=plan.base_model,
        subjects=[_describe_subject(tuned[name]) for name in cell.subjects],
        picture=describe_object(f"{job.output}{cell.cell}.png", picture),
        device=attempt.device,
        libraries=list_libraries(),
    )
    key = f"{job.output}{cell.cell}.json"
    attempt.fence()
    try:
        attempt.store.create(key, canonical_json(variant))
    except ExistsError:
        # An attempt was cut between the two. Without a picture the record describes nothing yet, so it may be set right.
        there, version = attempt.store.read_version(key)
        if Variant.model_validate_json(there).picture != variant.picture:
            attempt.store.swap(key, canonical_json(variant), version)
    attempt.write(variant.picture.key, picture)
    attempt.log.say("variant.rendered", cell=cell.cell)


def _find_drawn(attempt: Attempt, output: str, cells: list[Cell]) -> set[str]:
    """Return the cells whose picture exists, and count those pictures among the attempt's outputs."""
    there = set(attempt.store.list(output))
    drawn = {cell.cell for cell in cells if f"{output}{cell.cell}.png" in there}
    for cell in sorted(drawn):
        attempt.outputs.append(Variant.model_validate_json(attempt.store.read(f"{output}{cell}.json")).picture)
    attempt.skipped += len(drawn)
    return drawn


def _read_plan(store: Store, key: str) -> Plan:
    try:
        return Plan.model_validate_json(store.read(key))
    except MissingError as error:
        raise JobFailed("plan_missing", f"The plan {key} is not in the library.") from error
    except ValidationError as error:
        raise JobFailed("plan_missing", f"The plan {key} is not valid: {error.error_count()} errors.") from error


def _learn(store: Store, tuned: dict[str, TunedSubject], name: str, plan: Plan) -> Learned:
    if name not in tuned:
        raise JobFailed("adapter_missing", f"The plan draws the subject {name} without saying how it was tuned.")
    wanted = tuned[name].adapter
    try:
        content = store.read(wanted.key)
    except MissingError as error:
        raise JobFailed("adapter_missing", f"The adapter {wanted.key} is not in the library.") from error
    if describe_object(wanted.key, content).sha256 != wanted.sha256:
        raise JobFailed("adapter_missing", f"The adapter {wanted.key} is another file than the plan names.")
    adapter = read_adapter(content)
    if adapter.recipe.base_model.digest != plan.base_model.digest:
        raise JobFailed("adapter_missing", f"The adapter {wanted.key} was tuned for another base model than the plan's.")
    return Learned(name, adapter)


def _choose_method(subjects: list[TunedSubject]) -> ModuleType:
    names = {subject.method for subject in subjects}
    if len(names) > 1:
        raise JobFailed("method_unknown", f"No method draws subjects of {' and '.join(sorted(names))} in one picture.")
    return find_method(names.pop(), "render")


def _request(base: BaseModel, method: ModuleType, cell: Cell, learned: list[Learned]) -> PictureRequest:
    side = base.pixels_per_latent
    if cell.width % side or cell.height % side:
        raise JobFailed("job_invalid", f"{cell.cell} asks for {cell.width} x {cell.height}: sides must be multiples of {side}.")
    prompt = cut_prompt(base, method.phrase_prompt(cell.prompt, learned))
    return PictureRequest(prompt, cell.seed, cell.width, cell.height)


def _describe_subject(tuned: TunedSubject) -> SubjectDrawn:
    return SubjectDrawn(subject=tuned.subject, version=tuned.version, recipe=tuned.recipe, adapter=tuned.adapter.sha256)
