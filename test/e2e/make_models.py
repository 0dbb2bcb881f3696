"""Write a models folder for end-to-end tests: the embedded identity encoder, a tiny upscaler, and a tiny random base model.

usage: make_models.py FOLDER
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "containers" / "worker"), str(ROOT / "test" / "python")]
from worker.tiny_models import lock_folder, make_pipeline  # noqa: E402 - found by the path above

models = Path(sys.argv[1])
models.mkdir(parents=True, exist_ok=True)
shutil.copytree(ROOT / "models" / "identity", models / "identity", dirs_exist_ok=True)
shutil.copytree(ROOT / "test" / "fixtures" / "upscaler", models / "upscaler", dirs_exist_ok=True)
make_pipeline("paperdoll").save_pretrained(models / "paperdoll", safe_serialization=True)
print(lock_folder(models, "paperdoll", "paperdoll").digest)
