"""The two ways a job ends early. They are raised where they happen and translated in `jobs.run` alone."""

from troupe_worker.contracts import FailureCode


class JobFailed(Exception):
    """The job can never succeed as it is written: its code and sentence go into the result file."""

    def __init__(self, code: FailureCode, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class PassingError(Exception):
    """The world was not ready (throttled, lost connection): the same job may succeed when it is run again."""
