"""What every test of the worker shares: no test reaches for a model hub."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
