import type { ListName, Row } from '../contracts/index.ts';

/** What the command line needs of a cloud, local or real: it uploads, and it reads. It never writes state. */
export interface Cloud {
  /** Where it is, in words. */
  readonly where: string;
  /** Put one object in the intake bucket. */
  upload(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** The bytes of a library object, or undefined while there is none. */
  readLibrary(key: string): Promise<Uint8Array | undefined>;
  /** All rows of one partition of the state table, in the order of their sort keys. */
  readPartition(pk: string): Promise<Row[]>;
  /** All rows of a kind. */
  listRows<L extends ListName>(list: L): Promise<Extract<Row, { row: L }>[]>;
  /** What Batch says of jobs, by its own ids. Those that it does not know are not among them. */
  describeJobs(ids: readonly string[]): Promise<Map<string, BatchSeen>>;
}

export interface BatchSeen {
  status: string;
  statusReason?: string | undefined;
  /** Of an array job: how many of its shards are in each state. */
  shards?: Record<string, number> | undefined;
}

/** Which cloud a person named. Nothing at all means the local one. */
export interface CloudChoice {
  profile?: string | undefined;
  region?: string | undefined;
  stack?: string | undefined;
}
