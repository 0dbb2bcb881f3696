"""The one spelling of a contract that is hashed and stored."""

import hashlib
import json

from pydantic import BaseModel as Contract


def canonical_json(contract: Contract) -> bytes:
    """Return a contract as JSON: sorted keys, no spaces, nothing that is absent."""
    content = contract.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_contract(contract: Contract) -> str:
    """Return the SHA-256 of a contract's canonical JSON."""
    return hashlib.sha256(canonical_json(contract)).hexdigest()
