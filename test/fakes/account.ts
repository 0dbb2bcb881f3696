import { statSync } from 'node:fs';
import type { Account, Market, ResourceSeen } from '../../lib/cli/deploy/account.ts';
import type { DeployControl } from '../../lib/cli/deploy/deploy-control.ts';
import type { StageConfig } from '../../lib/contracts/index.ts';

export const STAGE: StageConfig = {
  isolated: false,
  baseModel: 'paperdoll',
  use: 'commercial',
  maxvCpus: 16,
  cellsPerShard: 32,
  keepData: false,
  logRetentionDays: 14,
};

/** An account in memory, ready for a deploy; tests break it. */
export class FakeAccount implements Account {
  quotas: Record<Market, number | undefined> = { spot: 64, onDemand: 64 };
  bootstrap: number | undefined = 28;
  stack: { status: string; outputs: Record<string, string> } | undefined;
  resources: ResourceSeen[] = [];
  retained = new Set<string>();
  /** Keys of every bucket, with the sizes of their objects. */
  buckets = new Map<string, Map<string, number>>();
  /** Names of what its service still has. */
  standing = new Set<string>();
  uploads: string[] = [];

  identity = async () => ({ account: '123456789012', region: 'eu-central-1' });
  vcpuQuota = async (market: Market) => this.quotas[market];
  bootstrapVersion = async () => this.bootstrap;
  findStack = async (name: string) => this.stack && { id: `arn:${name}/1`, ...this.stack };
  listResources = async () => this.resources;
  retainedBy = async () => this.retained;
  exists = async ({ type, name }: ResourceSeen) =>
    /S3::Bucket|DynamoDB::Table|LogGroup/.test(type) ? this.standing.has(name) : undefined;
  objectBytes = async (bucket: string, key: string) => this.buckets.get(bucket)?.get(key);
  uploadFile = async (bucket: string, key: string, path: string, onBytes: (bytes: number) => void) => {
    const bytes = statSync(path).size;
    this.uploads.push(key);
    this.buckets.get(bucket)?.set(key, bytes);
    onBytes(bytes);
  };
  countVersions = async (bucket: string) => this.buckets.get(bucket)?.size ?? 0;
  emptyBucket = async (bucket: string, onDeleted: (count: number) => void) => {
    onDeleted(await this.countVersions(bucket));
    this.buckets.get(bucket)?.clear();
  };
  remove = async ({ name }: ResourceSeen) => {
    if ((await this.countVersions(name)) > 0) throw new Error('BucketNotEmpty');
    this.standing.delete(name);
  };
}

/** A checkout with one stage called `trial`, whose CDK only notes what it is asked, then does what `onCdk` does. */
export function createFakeDeploys(account: Account, models: string, changes: Partial<StageConfig> = {}) {
  const ran: string[][] = [];
  const fake = {
    ran,
    onCdk: async (_words: readonly string[]): Promise<number> => 0,
    stages: { trial: { ...STAGE, ...changes } },
    models,
    dockerAnswers: true,
    account: async () => account,
    docker: () => fake.dockerAnswers,
    cdk: (words: readonly string[]) => {
      ran.push([...words]);
      return fake.onCdk(words);
    },
  };
  return fake satisfies DeployControl;
}
