"""What the worker may not do, read from its own source."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "containers" / "worker" / "troupe_worker"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "contracts.py")
NEVER = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "paperdoll", "troupe_bench"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def calls(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_keeps_to_its_borders(path):
    roots = {name.partition(".")[0] for name in imports(path)}
    assert not roots & NEVER
    assert path.match("storage/bucket.py") or not roots & {"boto3", "botocore"}, "only storage/bucket.py speaks S3"
    assert path.name == "lora.py" or "peft" not in roots, "only lora.py speaks peft"
    text = path.read_text()
    assert not calls(path) & {"torch.load", "torch.save", "np.load", "numpy.load", "eval", "exec", "compile", "__import__"}
    assert not re.search(r"allow_pickle|use_safetensors\W+False|trust_remote_code", text)
    assert len(text.splitlines()) <= 200, "one file, one idea"


def test_methods_do_not_know_each_other():
    for path in (PACKAGE / "methods").glob("[!_]*.py"):
        assert not any(name.startswith("troupe_worker.methods") for name in imports(path)), path.name


def test_every_method_file_is_in_the_table():
    from troupe_worker.methods import METHODS

    files = {path.stem for path in (PACKAGE / "methods").glob("[!_]*.py")}
    files |= {path.parent.name for path in (PACKAGE / "methods").glob("*/__init__.py")}
    assert {module.rpartition(".")[2] for module in METHODS.values()} == files
    assert {name.replace("-", "_") for name in METHODS} == files


def test_a_job_is_claimed_before_anything_heavy_is_loaded():
    check = "import sys, troupe_worker.jobs; raise SystemExit(bool({'torch', 'transformers', 'diffusers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], cwd=PACKAGE.parent, timeout=60).returncode == 0
