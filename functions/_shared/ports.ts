import type { z } from 'zod';
import type {
  BaseModelRef,
  BatchJobStateChange,
  CampaignDue,
  CampaignPlanned,
  CampaignRow,
  CampaignWaiting,
  JobId,
  JobRow,
  ObjectCreated,
  PictureLook,
  ReferenceRow,
  RowKey,
  SubjectReady,
  SubjectRow,
  SubjectTuned,
  UploadRow,
  VariantRow,
  VersionRow,
  WaiterRow,
} from '../../lib/contracts/index.ts';

/** Everything of the world that a step may touch. A step names its part of it with `Pick`. */
export interface Ports {
  now: () => Date;
  log: Log;
  settings: Settings;
  intake: Pick<Objects, 'bucket' | 'take' | 'list'>;
  library: Objects;
  state: State;
  queues: Queues;
  batch: Batch;
  schedules: Schedules;
  pictures: Pictures;
  encoder: Encoder;
  /** Missing where no reader is configured: then nothing is said of what a picture shows. */
  readFigures: ReadFigures | undefined;
  /** Missing where no upscaler is configured: then pictures are looked at as they were drawn. */
  enlargePicture: EnlargePicture | undefined;
}

/** One line per fact: its name, then ids and numbers. Never prompts, whole events or file contents. */
export type Log = (event: string, facts?: Record<string, string | number | boolean | undefined>) => void;

export interface Settings {
  baseModel: BaseModelRef;
  /** Cells that one worker process draws. */
  shardCells: number;
}

/** An object as a bucket lists it. */
export interface Listed {
  key: string;
  writtenAt: Date;
  etag: string;
}

export interface Taken {
  bytes: Uint8Array;
  contentType: string | undefined;
  etag: string;
}

export interface Objects {
  /** The bucket's name. */
  readonly bucket: string;
  /** Every object below `prefix` that was written at or after `since`. Looks at all below the prefix, a thousand a call. */
  list(prefix: string, since: Date): Promise<Listed[]>;
  /** The bytes of an object, or undefined when there is none. Throws `ObjectTooLargeError` before it takes more than `limitBytes`. */
  read(key: string, limitBytes: number): Promise<Uint8Array | undefined>;
  /** The same, with the type that whoever wrote the object declared, and its ETag. */
  take(key: string, limitBytes: number): Promise<Taken | undefined>;
  /** Write an object that does not exist yet. One that does is left as it is, and said so. */
  create(key: string, bytes: Uint8Array, contentType: string): Promise<'created' | 'exists'>;
}

export type RowContract =
  | typeof SubjectRow
  | typeof ReferenceRow
  | typeof VersionRow
  | typeof CampaignRow
  | typeof VariantRow
  | typeof JobRow
  | typeof UploadRow
  | typeof WaiterRow;

/** A row as a step writes it: the state stamps the revision and the time. */
export type Draft<C extends RowContract> = Omit<z.infer<C>, 'revision' | 'updatedAt'>;

export interface State {
  /** The newest row of that key. */
  get<C extends RowContract>(contract: C, key: RowKey): Promise<z.infer<C> | undefined>;
  /** Every row of a kind below one partition, newest content. */
  under<C extends RowContract>(contract: C, partition: string): Promise<z.infer<C>[]>;
  /** Every row of a kind. May lag behind the last writes. */
  list<C extends RowContract>(contract: C): Promise<z.infer<C>[]>;
  /** The rows of a kind that something must still become of. May lag behind the last writes. */
  listOpen<C extends RowContract>(contract: C): Promise<z.infer<C>[]>;
  create<C extends RowContract>(contract: C, key: RowKey, draft: Draft<C>): Promise<'created' | 'exists'>;
  /**
   * Replace a row by what `next` makes of it, and return the row as it then is. `next` is called again when another writer
   * was faster, so all it depends on is read inside it. It returns undefined, or an equal row, to write nothing.
   */
  change<C extends RowContract>(
    contract: C,
    key: RowKey,
    next: (row: z.infer<C> | undefined) => Draft<C> | undefined | Promise<Draft<C> | undefined>,
  ): Promise<z.infer<C> | undefined>;
}

type Message<S extends z.ZodType> = z.infer<S>;

export interface Queues {
  tuning(message: Message<typeof SubjectReady>): Promise<void>;
  render(message: Message<typeof CampaignPlanned>): Promise<void>;
  campaigns(
    message: Message<typeof SubjectTuned> | Message<typeof CampaignWaiting> | Message<typeof ObjectCreated>,
  ): Promise<void>;
  uploads(message: Message<typeof ObjectCreated>): Promise<void>;
  jobChanges(message: Message<typeof BatchJobStateChange>): Promise<void>;
  variants(message: Message<typeof ObjectCreated>): Promise<void>;
}

export interface Batch {
  /** Batch’s id of the job of that name, whatever its state, or undefined. */
  find(name: string, market: JobRow['market']): Promise<string | undefined>;
  /** How a job stands, or undefined when Batch does not know it (any more). */
  describe(id: string): Promise<BatchJob | undefined>;
  /** Submit a job (an array job when it has several shards) and return Batch’s id. */
  submit(submission: Submission): Promise<string>;
}

export interface BatchJob {
  status: string;
  statusReason?: string | undefined;
  /** Of its attempts, in order. */
  exitCodes: (number | undefined)[];
}

export interface Submission {
  name: string;
  job: JobId;
  verb: string;
  epoch: number;
  shards: number;
  market: JobRow['market'];
}

export interface Schedules {
  /** Make a schedule, or change the one of that name. Throws `CallerError` when its times cannot be followed. */
  put(schedule: WantedSchedule): Promise<void>;
  /** One that does not exist is removed already. */
  remove(name: string): Promise<void>;
}

export interface WantedSchedule {
  name: string;
  /** The same for the same wish, so that a wish sent twice is one. */
  token: string;
  when: string;
  timezone: string;
  from: Date | undefined;
  until: Date | undefined;
  message: CampaignDue;
}

export interface Pictures {
  /**
   * Decode a JPEG, PNG or WebP and draw it again as a plain RGB PNG. Throws `CallerError` for one that will not do, or that is
   * not what it was declared to be; a type that says nothing is no declaration.
   */
  sanitise(bytes: Uint8Array, declaredType?: string): Promise<{ png: Uint8Array; width: number; height: number }>;
  /** Measure a sanitised picture. */
  look(png: Uint8Array): Promise<PictureLook>;
}

export interface Encoder {
  /** Name and version of the encoder: vectors of another one are never compared. */
  id(): Promise<string>;
  /** The identity vector of a sanitised picture, of unit length. */
  embed(png: Uint8Array): Promise<Float32Array>;
}

/** One figure of a picture, as a reader sees it. */
export interface SeenFigure {
  /** Share of the picture’s area, in 0..1. */
  share: number;
  /** Values by attribute; one that the reader is unsure of is left out. */
  attributes: Readonly<Record<string, string>>;
}

/** The figures of a sanitised picture, from left to right. */
export type ReadFigures = (png: Uint8Array) => Promise<SeenFigure[]>;

/** A PNG as a larger PNG, for people to look at. */
export type EnlargePicture = (png: Uint8Array) => Promise<Uint8Array>;
