# Generated from lib/contracts by `npm run contracts`. Do not edit.

from __future__ import annotations

from typing import Annotated, Literal
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypeAliasType


Subject = TypeAliasType("Subject", Annotated[str, Field(max_length=64, min_length=1)])


Slug = TypeAliasType(
    "Slug",
    Annotated[
        str,
        Field(
            description="Lowercase letters and digits, words joined by single hyphens, at most 48 characters",
            max_length=48,
            pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        ),
    ],
)


Sha256 = TypeAliasType("Sha256", Annotated[str, Field(pattern="^[0-9a-f]{64}$")])


class BenchClaim(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    id: Annotated[str, Field(max_length=8, pattern="^[A-Z]+[0-9]+[a-z]?$")]
    statement: Annotated[str, Field(max_length=400, min_length=1)]
    direction: Annotated[
        Literal[">=", "<="], Field(description="How the value must lie to the bar")
    ]
    bar: Annotated[
        float | None,
        Field(
            description="Null: the figure is reported, and nothing is promised of it"
        ),
    ]
    value: float
    low: Annotated[
        float,
        Field(description="Lower end of the 95 % interval, by resampling subjects"),
    ]
    high: float
    n: Annotated[int, Field(description="Rows the value is made of", ge=1, le=10000000)]
    unit: Annotated[str, Field(max_length=48, min_length=1)]
    cause: Annotated[
        str | None,
        Field(description="Why the claim does not hold", max_length=1000, min_length=1),
    ] = None


JobId = TypeAliasType("JobId", Annotated[str, Field(pattern="^job_[0-9a-f]{24}$")])


Family = TypeAliasType(
    "Family",
    Annotated[
        Literal["paperdoll", "sd15", "sdxl"],
        Field(description="Architecture of a base model"),
    ],
)


class ReferenceInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    key: Annotated[str, Field(max_length=512, min_length=1)]
    sha256: Sha256
    caption: Annotated[
        str | None, Field(max_length=1000, min_length=1, pattern="^[^\\p{Cc}<>]+$")
    ] = None


Method = TypeAliasType(
    "Method",
    Annotated[
        Literal["dreambooth-lora", "oneactor", "textual-inversion"],
        Field(description="How a subject is learned or used"),
    ],
)


SettingValue1 = TypeAliasType(
    "SettingValue1", Annotated[int, Field(ge=-9007199254740991, le=9007199254740991)]
)


SettingValue2 = TypeAliasType(
    "SettingValue2", Annotated[float, Field(ge=-1000000000.0, le=1000000000.0)]
)


SettingValue3 = TypeAliasType("SettingValue3", Annotated[str, Field(max_length=200)])


SettingValue = TypeAliasType(
    "SettingValue", SettingValue1 | SettingValue2 | bool | SettingValue3
)


class RenderJob(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    job: JobId
    verb: Literal["render"]
    campaign: Slug
    plan: Annotated[str, Field(max_length=512, min_length=1)]
    shards: Annotated[int, Field(ge=1, le=10000)]
    output: Annotated[
        str,
        Field(
            description="Prefix under which each cell’s .png and .json are written",
            max_length=512,
            min_length=1,
        ),
    ]


SecondsLeft = TypeAliasType("SecondsLeft", Annotated[float, Field(ge=0.0)])


class JobProgress(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    job: JobId
    phase: Annotated[str, Field(max_length=48)]
    step: Annotated[int, Field(ge=0, le=9007199254740991)]
    of: Annotated[int, Field(ge=0, le=9007199254740991)]
    seconds_left: Annotated[SecondsLeft | None, Field(alias="secondsLeft")]


SecondsAdditionalProperty = TypeAliasType(
    "SecondsAdditionalProperty", Annotated[float, Field(ge=0.0)]
)


LibrariesAdditionalProperty = TypeAliasType(
    "LibrariesAdditionalProperty", Annotated[str, Field(max_length=48)]
)


class StoredObject(BaseModel):
    """
    One stored object, as whoever wrote it measured it
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    key: Annotated[str, Field(max_length=512, min_length=1)]
    sha256: Sha256
    size_bytes: Annotated[int, Field(alias="sizeBytes", ge=0, le=50000000000)]


FailureCode = TypeAliasType(
    "FailureCode",
    Annotated[
        Literal[
            "job_invalid",
            "model_unverified",
            "model_unknown",
            "method_unknown",
            "setting_invalid",
            "reference_missing",
            "adapter_missing",
            "plan_missing",
            "token_unknown",
            "output_conflict",
            "numbers_not_finite",
            "out_of_memory",
            "internal",
            "passport_expired",
            "attempts_exhausted",
            "cancelled",
            "no_capacity",
            "no_result",
        ],
        Field(description="Why a job failed for good"),
    ],
)


class LockedFile(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    file: Annotated[
        str, Field(max_length=200, pattern="^[A-Za-z0-9._-]+(\\/[A-Za-z0-9._-]+)*$")
    ]
    bytes: Annotated[int, Field(ge=0, le=100000000000)]
    sha256: Sha256


class Sampler(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: Literal["dpm-solver++", "ddim"]
    steps: Annotated[int, Field(ge=1, le=200)]
    guidance: Annotated[float, Field(ge=1.0, le=30.0)]


class TunedSubject(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    subject: Slug
    noun: Annotated[str, Field(max_length=32, pattern="^[a-z]+( [a-z]+)?$")]
    token: Annotated[str, Field(max_length=48, min_length=1)]
    version: Annotated[int, Field(ge=1, le=9999)]
    method: Method
    recipe: Sha256
    adapter: StoredObject


CellId = TypeAliasType("CellId", Annotated[str, Field(pattern="^cell_[0-9a-f]{24}$")])


class SubjectDrawn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    subject: Slug
    version: Annotated[int, Field(ge=1, le=9999)]
    recipe: Sha256
    adapter: Sha256


class BenchFile(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: Slug
    made_at: Annotated[AwareDatetime, Field(alias="madeAt")]
    machine: Annotated[str, Field(max_length=200, min_length=1)]
    seed: Annotated[int, Field(ge=0, le=4294967295)]
    digests: Annotated[
        dict[Annotated[str, StringConstraints(max_length=64)], Sha256],
        Field(description="What was measured: models and instruments"),
    ]
    subjects: Annotated[list[Subject], Field(max_length=10000, min_length=1)]
    rows_file: Annotated[
        str,
        Field(alias="rowsFile", max_length=128, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    ]
    claims: Annotated[list[BenchClaim], Field(max_length=200, min_length=1)]


class Claim(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    job: JobId
    epoch: Annotated[int, Field(ge=1, le=1000)]
    holder: Annotated[
        str,
        Field(
            description="AWS_BATCH_JOB_ID of the holder: its own retries may claim again",
            max_length=200,
            min_length=1,
        ),
    ]
    attempt: Annotated[int, Field(ge=1, le=10)]


class BaseModelRef(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    name: Annotated[str, Field(max_length=64, pattern="^[a-z0-9][a-z0-9._-]*$")]
    family: Family
    digest: Annotated[
        Sha256,
        Field(
            description='SHA-256 over "sha256  file\\n" lines of its lock entry, sorted by file'
        ),
    ]


Settings = TypeAliasType(
    "Settings",
    Annotated[
        dict[
            Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9]{0,47}$")],
            SettingValue,
        ],
        Field(
            description="Settings by camelCase name; what is left out has the method’s published default"
        ),
    ],
)


class JobDone(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    job: JobId
    verb: Literal["tune", "render"]
    epoch: Annotated[int, Field(ge=1, le=1000)]
    attempt: Annotated[int, Field(ge=1, le=10)]
    shard: Annotated[
        int, Field(description="Index of the shard; 0 for a plain job", ge=0, le=9999)
    ]
    seconds: Annotated[
        dict[
            Annotated[str, StringConstraints(max_length=48)], SecondsAdditionalProperty
        ],
        Field(description="Seconds by phase, of this attempt"),
    ]
    device: Annotated[str, Field(max_length=200)]
    libraries: Annotated[
        dict[
            Annotated[str, StringConstraints(max_length=48)],
            LibrariesAdditionalProperty,
        ],
        Field(description="Version by library name"),
    ]
    state: Literal["done"]
    outputs: Annotated[list[StoredObject], Field(max_length=200000)]
    skipped: Annotated[
        int,
        Field(
            description="Outputs found already written by an earlier attempt",
            ge=0,
            le=9007199254740991,
        ),
    ]


class JobFailure(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    job: JobId
    verb: Literal["tune", "render"]
    epoch: Annotated[int, Field(ge=1, le=1000)]
    attempt: Annotated[int, Field(ge=1, le=10)]
    shard: Annotated[
        int, Field(description="Index of the shard; 0 for a plain job", ge=0, le=9999)
    ]
    seconds: Annotated[
        dict[
            Annotated[str, StringConstraints(max_length=48)], SecondsAdditionalProperty
        ],
        Field(description="Seconds by phase, of this attempt"),
    ]
    device: Annotated[str, Field(max_length=200)]
    libraries: Annotated[
        dict[
            Annotated[str, StringConstraints(max_length=48)],
            LibrariesAdditionalProperty,
        ],
        Field(description="Version by library name"),
    ]
    state: Literal["failed"]
    code: FailureCode
    sentence: Annotated[str, Field(max_length=1000, min_length=1)]


class LockedModel(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    family: Literal[
        "paperdoll", "sd15", "sdxl", "identity-encoder", "reader", "upscaler"
    ]
    licence: Annotated[
        str,
        Field(
            description="SPDX name of the weights’ licence",
            max_length=100,
            min_length=1,
        ),
    ]
    commercial_use: Annotated[bool, Field(alias="commercialUse")]
    files: Annotated[list[LockedFile], Field(max_length=1000, min_length=1)]


class Cell(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    cell: CellId
    prompt: Annotated[
        str,
        Field(
            description="Filled in but for the subjects, which stay as {name}: a method says how it names them",
            max_length=1000,
            min_length=1,
            pattern="^[^\\p{Cc}<>]+$",
        ),
    ]
    subjects: Annotated[list[Slug], Field(max_length=4, min_length=1)]
    seed: Annotated[int, Field(ge=0, le=4294967295)]
    width: Annotated[int, Field(ge=64, le=4096)]
    height: Annotated[int, Field(ge=64, le=4096)]


class Recipe(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    method: Method
    settings: Settings
    base_model: Annotated[BaseModelRef, Field(alias="baseModel")]


class SubjectReport(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    subject: Slug
    version: Annotated[int, Field(ge=1, le=9999)]
    recipe: Recipe
    recipe_hash: Annotated[Sha256, Field(alias="recipeHash")]
    adapter: StoredObject
    references: Annotated[list[Sha256], Field(max_length=64, min_length=1)]
    steps: Annotated[int, Field(ge=0, le=9007199254740991)]
    loss: Annotated[
        list[float],
        Field(
            description="Mean training loss of each tenth of the run or finer",
            max_length=1000,
        ),
    ]


class Variant(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    campaign: Slug
    cell: Cell
    prompt_drawn: Annotated[
        str,
        Field(
            alias="promptDrawn",
            description="The prompt as the text encoder read it",
            max_length=2000,
        ),
    ]
    sampler: Sampler
    base_model: Annotated[BaseModelRef, Field(alias="baseModel")]
    subjects: Annotated[list[SubjectDrawn], Field(max_length=4, min_length=1)]
    picture: StoredObject
    device: Annotated[str, Field(max_length=200)]
    libraries: Annotated[
        dict[
            Annotated[str, StringConstraints(max_length=48)],
            LibrariesAdditionalProperty,
        ],
        Field(description="Version by library name"),
    ]


class RecipeRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    method: Method
    settings: Settings


JobResult = TypeAliasType("JobResult", JobDone | JobFailure)


class ModelsLock(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    models: dict[
        Annotated[
            str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)
        ],
        LockedModel,
    ]


class Plan(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    campaign: Slug
    source: Annotated[
        Sha256, Field(description="Digest of the campaign file the plan was made from")
    ]
    base_model: Annotated[BaseModelRef, Field(alias="baseModel")]
    sampler: Sampler
    subjects: Annotated[list[TunedSubject], Field(max_length=64, min_length=1)]
    cells: Annotated[list[Cell], Field(max_length=100000, min_length=1)]


class TuneJob(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    job: JobId
    verb: Literal["tune"]
    base_model: Annotated[BaseModelRef, Field(alias="baseModel")]
    subject: Slug
    kind: Literal["character", "person", "animal", "product"]
    noun: Annotated[str, Field(max_length=32, pattern="^[a-z]+( [a-z]+)?$")]
    token: Annotated[
        str,
        Field(
            description="Rare word of the base model’s tokenizer that will mean this subject",
            max_length=48,
            min_length=1,
        ),
    ]
    version: Annotated[int, Field(ge=1, le=9999)]
    references: Annotated[list[ReferenceInput], Field(max_length=64, min_length=1)]
    recipe: RecipeRequest
    output: Annotated[
        str,
        Field(
            description="Prefix of the subject version", max_length=512, min_length=1
        ),
    ]


Job = TypeAliasType("Job", TuneJob | RenderJob)


class Contracts(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    bench_file: Annotated[BenchFile, Field(alias="BenchFile")]
    claim: Annotated[Claim, Field(alias="Claim")]
    job: Annotated[Job, Field(alias="Job")]
    job_progress: Annotated[JobProgress, Field(alias="JobProgress")]
    job_result: Annotated[JobResult, Field(alias="JobResult")]
    models_lock: Annotated[ModelsLock, Field(alias="ModelsLock")]
    plan: Annotated[Plan, Field(alias="Plan")]
    recipe: Annotated[Recipe, Field(alias="Recipe")]
    subject_report: Annotated[SubjectReport, Field(alias="SubjectReport")]
    variant: Annotated[Variant, Field(alias="Variant")]
