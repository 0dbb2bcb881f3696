"""The verb `tune`: references in, one subject version out."""

from types import ModuleType

from torch import Tensor

from troupe_worker.adapters import write_adapter
from troupe_worker.attempts import Attempt, describe_object
from troupe_worker.canonical import canonical_json
from troupe_worker.checkpoints import Checkpoints
from troupe_worker.contracts import ReferenceInput, Sampler, SubjectReport, TuneJob
from troupe_worker.encoder import load_encoder
from troupe_worker.errors import JobFailed
from troupe_worker.fetching import bring_model
from troupe_worker.locks import find_models
from troupe_worker.methods import find_method
from troupe_worker.models import BaseModel, describe_device, load_model, pick_device
from troupe_worker.pictures import join_row, read_picture, write_png
from troupe_worker.sampling import PictureRequest
from troupe_worker.settings import read_settings
from troupe_worker.storage import MissingError, Store
from troupe_worker.subjects import Learned, Reference, Subject
from troupe_worker.training import Session, thin_losses

PREVIEW_SEEDS = (0, 1, 2, 3)
PREVIEW_SAMPLER = Sampler(name="dpm-solver++", steps=20, guidance=4)


def run_tune(job: TuneJob, attempt: Attempt) -> None:
    """Learn the subject of `job` and write adapter, recipe, preview and report."""
    method = find_method(job.recipe.method, "tune")
    settings = read_settings(method.DEFAULTS[job.base_model.family], job.recipe.settings)
    references = [_read_reference(attempt.store, wanted) for wanted in job.references]
    subject = Subject(job.subject, job.noun, job.token, references)
    models = bring_model(find_models(), job.base_model, attempt.store, attempt.progress.report)
    attempt.progress.report("load the base model", 0, 1)
    base = load_model(models, job.base_model, pick_device())
    attempt.device = describe_device(base)
    checkpoints = Checkpoints(attempt.store, f"{attempt.prefix}checkpoints/", attempt.fence)

    def show(name: str, pixels_HWC: Tensor) -> None:
        attempt.write(f"{job.output}{name}.png", write_png(pixels_HWC))

    session = Session(attempt.progress.report, checkpoints, attempt.stop, load_encoder(find_models()), show)
    adapter, losses = method.tune(base, subject, settings, session)

    stored = attempt.write(f"{job.output}adapter.safetensors", write_adapter(adapter))
    attempt.write(f"{job.output}recipe.json", canonical_json(adapter.recipe))
    attempt.progress.report("draw a preview", 0, 1)
    attempt.write(f"{job.output}preview.png", _draw_preview(base, method, Learned(job.subject, adapter)))
    attempt.progress.report("draw a preview", 1, 1)
    # The report comes last: where it is, the version is whole.
    report = SubjectReport(
        subject=job.subject,
        version=job.version,
        recipe=adapter.recipe,
        recipe_hash=adapter.recipe_hash,
        adapter=stored,
        references=[reference.sha256 for reference in job.references],
        steps=len(losses),
        loss=thin_losses(losses),
    )
    attempt.write(f"{job.output}report.json", canonical_json(report))
    attempt.log.say("subject.tuned", subject=job.subject, version=job.version, steps=len(losses))


def _read_reference(store: Store, wanted: ReferenceInput) -> Reference:
    try:
        content = store.read(wanted.key)
    except MissingError as error:
        raise JobFailed("reference_missing", f"The reference {wanted.key} is not in the library.") from error
    if describe_object(wanted.key, content).sha256 != wanted.sha256:
        raise JobFailed("reference_missing", f"The reference {wanted.key} is another picture than the job names.")
    return Reference(read_picture(content), wanted.caption)


def _draw_preview(base: BaseModel, method: ModuleType, learned: Learned) -> bytes:
    """Draw the subject alone, four times: what the version is, at a glance."""
    prompt, size = method.phrase_prompt(f"{{{learned.name}}}", [learned]), base.native_size
    requests = [PictureRequest(prompt, seed, size, size) for seed in PREVIEW_SEEDS]
    (pixels_BHWC,) = method.render(base, [learned], [requests], PREVIEW_SAMPLER)
    return write_png(join_row(pixels_BHWC))
