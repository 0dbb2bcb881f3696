"""Read every golden contract file with the worker's generated models; print what each is written back as, or "refused"."""

import json
import sys
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

sys.path.insert(0, str(Path(__file__).parents[2] / "containers" / "worker"))
from troupe_worker import contracts

verdicts: dict[str, object] = {}
for path in sorted(Path(sys.argv[1]).glob("*.json")):
    contract = getattr(contracts, path.name.split(".")[0], None)
    if contract is None:
        continue
    adapter = TypeAdapter(contract)
    try:
        value = adapter.validate_json(path.read_text())
    except ValidationError:
        verdicts[path.name] = "refused"
    else:
        verdicts[path.name] = adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)
print(json.dumps(verdicts))
