"""Jobs: the process border. Reads the job, claims it, runs its verb, turns every ending into a result and an exit code."""

import os
import re
import traceback
from collections.abc import Mapping
from importlib import import_module

from pydantic import TypeAdapter, ValidationError

from troupe_worker.attempts import Attempt, identify_attempt, list_libraries
from troupe_worker.canonical import canonical_json
from troupe_worker.claims import Superseded, take_claim
from troupe_worker.contracts import Claim, Job, JobDone, JobFailure, JobResult, RenderJob
from troupe_worker.errors import JobFailed, PassingError
from troupe_worker.logs import Log
from troupe_worker.stopping import Stopped, StopSignal
from troupe_worker.storage import ExistsError, MissingError, Store, open_store

DONE, FAILED, REQUEUE = 0, 42, 75
# Imported after the claim: the loser of a race must be gone before it loads anything heavy.
VERBS = {"tune": ("troupe_worker.tune", "run_tune"), "render": ("troupe_worker.render", "run_render")}
JOB_FILE = re.compile(r"^(?P<root>.*?)/?jobs/(?P<job>job_[0-9a-f]{24})/job\.json$")


def run_job(verb: str, uri: str, epoch: int, stop: StopSignal, environment: Mapping[str, str] = os.environ) -> int:
    """Run one job, or one shard of it, and return the exit code."""
    match = JOB_FILE.match(uri)
    if match is None:
        raise ValueError(f"{uri} is not the address of a job: …/jobs/<job>/job.json")
    holder, number = identify_attempt(environment)
    claim = Claim(job=match["job"], epoch=epoch, holder=holder, attempt=number)
    log = Log(claim.job)
    try:
        store = open_store(match["root"] or ("/" if uri.startswith("/") else "."))
        return _run_claimed(verb, store, claim, log, stop, environment)
    except Superseded:
        log.say("job.superseded", epoch=epoch, attempt=number)
        return DONE
    except Stopped:
        log.say("job.stopped", epoch=epoch, attempt=number)
        return REQUEUE
    except PassingError as error:
        log.say("job.interrupted", epoch=epoch, attempt=number, reason=str(error))
        return REQUEUE


def _run_claimed(verb: str, store: Store, claim: Claim, log: Log, stop: StopSignal, environment: Mapping[str, str]) -> int:
    attempt = Attempt(store, f"jobs/{claim.job}/", claim, 0, log, stop)
    job: Job | None = None
    failure: JobFailed | None = None
    try:
        job = _read_job(store, claim.job, verb)
        attempt = _turn_to_shard(attempt, job, environment)
    except JobFailed as error:
        failure = error
    result = _read_result(store, attempt.prefix)
    if result is not None:
        log.say("job.already-ended", state=result.state)
        return _exit_code(result)
    take_claim(store, f"{attempt.prefix}claim.json", claim)
    log.say("job.claimed", epoch=claim.epoch, attempt=claim.attempt, shard=attempt.shard)
    failure = failure or _run_verb(verb, job, attempt)
    return _exit_code(_write_result(verb, attempt, failure))


def _run_verb(verb: str, job: Job | None, attempt: Attempt) -> JobFailed | None:
    """Run the verb; return how it failed for good, if it did."""
    try:
        module, function = VERBS[verb]
        import_module("troupe_worker.models").settle_process()
        getattr(import_module(module), function)(job, attempt)
    except JobFailed as error:
        return error
    except (Superseded, PassingError):
        raise
    except Exception as error:  # ours: logged whole, and the owner is told without internals
        if _is_out_of_memory(error):
            return JobFailed("out_of_memory", f"The {verb} did not fit into the memory of {attempt.device}.")
        attempt.log.say("job.broke", trace=traceback.format_exc())
        return JobFailed("internal", f"The worker itself failed ({type(error).__name__}); its log has the trace.")
    finally:
        attempt.progress.close()
    return None


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"  # torch's, without importing it


def _write_result(verb: str, attempt: Attempt, failure: JobFailed | None) -> JobDone | JobFailure:
    common = {
        "job": attempt.claim.job,
        "verb": verb,
        "epoch": attempt.claim.epoch,
        "attempt": attempt.claim.attempt,
        "shard": attempt.shard,
        "seconds": attempt.progress.seconds,
        "device": attempt.device,
        "libraries": list_libraries(),
    }
    result: JobDone | JobFailure
    if failure is None:
        result = JobDone(**common, state="done", outputs=attempt.outputs, skipped=attempt.skipped)
        attempt.log.say("job.done", outputs=len(attempt.outputs), skipped=attempt.skipped)
    else:
        result = JobFailure(**common, state="failed", code=failure.code, sentence=failure.sentence)
        attempt.log.say("job.failed", code=failure.code, sentence=failure.sentence)
    attempt.fence()
    try:
        attempt.store.create(f"{attempt.prefix}result.json", canonical_json(result))
    except ExistsError as error:
        raise Superseded(attempt.prefix) from error
    return result


def _read_job(store: Store, name: str, verb: str) -> Job:
    try:
        job = TypeAdapter(Job).validate_json(store.read(f"jobs/{name}/job.json"))
    except MissingError as error:
        raise JobFailed("job_invalid", "There is no job file at this address.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise JobFailed("job_invalid", f"The job file is not valid: {place}: {first['msg']}.") from error
    if (job.verb, job.job) != (verb, name):
        raise JobFailed("job_invalid", f"The job file is of {job.verb} {job.job}; {verb} {name} was asked for.")
    return job


def _turn_to_shard(attempt: Attempt, job: Job, environment: Mapping[str, str]) -> Attempt:
    """Return the attempt at the shard that Batch gave this process; a job of one shard is a plain job."""
    shards = job.shards if isinstance(job, RenderJob) else 1
    if shards == 1:
        return attempt
    shard = int(environment.get("AWS_BATCH_JOB_ARRAY_INDEX", "-1"))
    if not 0 <= shard < shards:
        raise JobFailed("job_invalid", f"The job has {shards} shards, and AWS_BATCH_JOB_ARRAY_INDEX names none of them.")
    return Attempt(attempt.store, f"{attempt.prefix}shards/{shard}/", attempt.claim, shard, attempt.log, attempt.stop)


def _read_result(store: Store, prefix: str) -> JobDone | JobFailure | None:
    try:
        return TypeAdapter(JobResult).validate_json(store.read(f"{prefix}result.json"))
    except MissingError:
        return None


def _exit_code(result: JobDone | JobFailure) -> int:
    return DONE if result.state == "done" else FAILED
