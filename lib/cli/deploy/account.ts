/** The two markets that GPU machines are bought on, each with a quota of its own. */
export type Market = 'spot' | 'onDemand';

export interface StackSeen {
  /** Outlives the name: a stack that is gone can still be asked about by it. */
  id: string;
  status: string;
  outputs: Record<string, string>;
}

export interface ResourceSeen {
  logicalId: string;
  type: string;
  /** Its name or ARN; empty when it was never made. */
  name: string;
  status: string;
}

/** What deploying and destroying need of an AWS account. */
export interface Account {
  /** Who we are and where: asked of AWS, not of the settings. */
  identity(): Promise<{ account: string; region: string }>;
  /** vCPUs of G and VT machines that may run at once, or undefined where AWS does not tell. */
  vcpuQuota(market: Market): Promise<number | undefined>;
  /** Version of the CDK's own stack in the account, or undefined where there is none. */
  bootstrapVersion(): Promise<number | undefined>;
  findStack(name: string): Promise<StackSeen | undefined>;
  /** All resources of a stack, also of one that is gone when it is named by its id. */
  listResources(stack: string): Promise<ResourceSeen[]>;
  /** Logical ids of what CloudFormation leaves alone when it deletes the stack. */
  retainedBy(stack: string): Promise<Set<string>>;
  /** Whether something is still there; undefined for a kind of thing that only CloudFormation is asked about. */
  exists(resource: ResourceSeen): Promise<boolean | undefined>;
  /** Size of an object, or undefined when there is none. */
  objectBytes(bucket: string, key: string): Promise<number | undefined>;
  /** Write the file at `path` under a key that nothing has yet. `onBytes` is told how many are there. */
  uploadFile(bucket: string, key: string, path: string, onBytes: (bytes: number) => void): Promise<void>;
  /** How many objects a bucket holds, all versions and delete markers counted. */
  countVersions(bucket: string): Promise<number>;
  /** Delete everything in a bucket for good. */
  emptyBucket(bucket: string, onDeleted: (count: number) => void): Promise<void>;
  /** Delete an empty bucket, or a table whatever it holds. */
  remove(resource: ResourceSeen): Promise<void>;
}
