"""Claims: which attempt may work on a job. Taken by a conditional write before anything heavy is loaded."""

from troupe_worker.canonical import canonical_json
from troupe_worker.contracts import Claim
from troupe_worker.storage import ConflictError, ExistsError, MissingError, Store

TRIES = 4


class Superseded(Exception):
    """Another attempt holds the job: whatever this process still has, it must not write."""


def take_claim(store: Store, key: str, claim: Claim) -> None:
    """Write `claim`, or raise `Superseded` when a later epoch, a later attempt or another holder of this epoch is there."""
    for _ in range(TRIES):
        try:
            content, version = store.read_version(key)
        except MissingError:
            try:
                return store.create(key, canonical_json(claim))
            except ExistsError:
                continue  # somebody was faster: look at what they wrote
        if not _may_follow(Claim.model_validate_json(content), claim):
            break
        try:
            return store.swap(key, canonical_json(claim), version)
        except ConflictError:
            continue
    raise Superseded(key)


def check_claim(store: Store, key: str, claim: Claim) -> None:
    """Raise `Superseded` when the claim is no longer ours: asked before every write that lasts."""
    if Claim.model_validate_json(store.read(key)) != claim:
        raise Superseded(key)


def _may_follow(there: Claim, ours: Claim) -> bool:
    if there.epoch != ours.epoch:
        return there.epoch < ours.epoch
    # Within an epoch only the same holder's own retries may go on, and never an earlier one.
    return there.holder == ours.holder and there.attempt <= ours.attempt
