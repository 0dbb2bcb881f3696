"""The GPU task: tunes subjects and draws pictures from a job file.

May import the generated `contracts`, torch, diffusers, transformers, peft; boto3 in `storage` alone. Never paperdoll or bench.
Queues, money and state do not belong here: the worker reads one job, writes objects create-only, and one result.
"""

__version__ = "0.1.0"
