import { createHash } from 'node:crypto';
import type { BenchControl } from '../../../lib/cli/bench-control.ts';
import type { BatchSeen, Cloud } from '../../../lib/cli/cloud.ts';
import type { World } from '../../../lib/cli/command.ts';
import type { DeployControl } from '../../../lib/cli/deploy/deploy-control.ts';
import { main } from '../../../lib/cli/main.ts';
import type { Step } from '../../../lib/cli/progress.ts';
import type {
  CampaignRow,
  JobRow,
  Plan,
  ReferenceRow,
  Row,
  SubjectManifest,
  SubjectRow,
  UploadRow,
  VariantRow,
  VersionRow,
} from '../../../lib/contracts/index.ts';
import { rowKeys } from '../../../lib/contracts/index.ts';

export const NOW = new Date('2026-11-22T12:00:00.000Z');
const updatedAt = '2026-11-22T11:58:00.000Z';
export const sha = (letter: string): string => letter.repeat(64);
export const cellId = (letter: string): string => `cell_${letter.repeat(24)}`;
export const JOB = `job_${'a'.repeat(24)}`;

export const manifest: SubjectManifest = {
  subject: 'mina',
  kind: 'character',
  noun: 'girl',
  references: ['front.png', 'wave.png'],
  method: 'auto',
  passport: {
    owner: 'Example Studio',
    consent: 'own-design',
    uses: ['marketing'],
    territories: ['worldwide'],
    expires: '2027-12-31',
  },
};

export const subjectRow = (changes: Partial<SubjectRow> = {}): SubjectRow => ({
  row: 'subject',
  subject: 'mina',
  state: 'tuned',
  manifest,
  latestVersion: 1,
  updatedAt,
  revision: 3,
  ...changes,
});

export const referenceRow = (file: string, letter: string): ReferenceRow => ({
  row: 'reference',
  subject: 'mina',
  file,
  state: 'accepted',
  source: sha(letter),
  picture: { key: `subjects/mina/references/${sha(letter)}.png`, sha256: sha(letter), sizeBytes: 100 },
  width: 128,
  height: 128,
  encoder: 'doll-1',
  vector: 'AAAA',
  updatedAt,
  revision: 1,
});

export const versionRow = (): VersionRow => ({
  row: 'version',
  subject: 'mina',
  version: 1,
  job: JOB,
  method: 'dreambooth-lora',
  token: 'sks',
  recipeHash: sha('1'),
  baseModel: sha('2'),
  adapter: { key: 'subjects/mina/versions/1/adapter.safetensors', sha256: sha('3'), sizeBytes: 5 },
  references: [sha('a')],
  updatedAt,
  revision: 1,
});

export const campaignRow = (changes: Partial<CampaignRow> = {}): CampaignRow => ({
  row: 'campaign',
  campaign: 'spring',
  state: 'drawn',
  source: sha('f'),
  file: {
    campaign: 'spring',
    subjects: ['mina'],
    prompts: ['{mina} on a beach'],
    characteristics: {},
    seeds: 2,
    firstSeed: 0,
    channels: ['square'],
    sampler: { name: 'dpm-solver++', steps: 20, guidance: 4 },
    review: 'none',
    upscale: true,
  },
  cells: 2,
  updatedAt,
  revision: 4,
  ...changes,
});

export const jobRow = (changes: Partial<JobRow> = {}): JobRow => ({
  row: 'job',
  job: JOB,
  verb: 'render',
  state: 'submitted',
  market: 'spot',
  campaign: 'spring',
  epoch: 1,
  shards: 1,
  updatedAt,
  revision: 2,
  ...changes,
});

export const variantRow = (letter: string, similarity: number): VariantRow => ({
  row: 'variant',
  campaign: 'spring',
  cell: cellId(letter),
  subject: 'mina',
  picture: { key: `campaigns/spring/variants/${cellId(letter)}.png`, sha256: sha(letter), sizeBytes: 9 },
  scores: {
    encoder: 'doll-1',
    similarity,
    rank: 1,
    ofSubjects: 2,
    nearestReference: sha('a'),
    nearestSimilarity: 0.912,
  },
  updatedAt,
  revision: 1,
});

export const uploadRow = (key: string): UploadRow => ({
  row: 'upload',
  key,
  rejection: { code: 'unknown_key', sentence: 'Uploads are subjects/<subject>/<picture>.' },
  updatedAt,
  revision: 0,
});

export const plan = (prompt = '{mina} on a beach'): Plan => ({
  campaign: 'spring',
  source: sha('f'),
  baseModel: { name: 'paperdoll', family: 'paperdoll', digest: sha('4') },
  sampler: { name: 'dpm-solver++', steps: 20, guidance: 4 },
  subjects: [
    {
      subject: 'mina',
      noun: 'girl',
      token: 'sks',
      version: 1,
      method: 'dreambooth-lora',
      recipe: sha('1'),
      adapter: versionRow().adapter,
    },
  ],
  cells: ['b', 'c'].map((letter, seed) => ({
    cell: cellId(letter),
    prompt,
    subjects: ['mina'],
    seed,
    width: 128,
    height: 128,
  })),
});

const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** A cloud in memory. `rows` and `library` may be changed while a command runs. */
export class FakeCloud implements Cloud {
  readonly where = 'the test';
  readonly uploads: { key: string; body: string; contentType: string }[] = [];
  rows: Row[] = [];
  library = new Map<string, Uint8Array>();
  batchJobs = new Map<string, BatchSeen>();

  async upload(key: string, body: Uint8Array, contentType: string): Promise<void> {
    this.uploads.push({ key, body: Buffer.from(body).toString(), contentType });
  }

  put(key: string, value: unknown): this {
    this.library.set(key, value instanceof Uint8Array ? value : text(value));
    return this;
  }

  async readLibrary(key: string): Promise<Uint8Array | undefined> {
    return this.library.get(key);
  }

  async readPartition(pk: string): Promise<Row[]> {
    return this.rows.filter((row) => partitionOf(row) === pk);
  }

  async describeJobs(ids: readonly string[]): Promise<Map<string, BatchSeen>> {
    return new Map([...this.batchJobs].filter(([id]) => ids.includes(id)));
  }

  async listRows<L extends Row['row']>(list: L): Promise<Extract<Row, { row: L }>[]> {
    return this.rows.filter((row): row is Extract<Row, { row: L }> => row.row === list);
  }
}

function partitionOf(row: Row): string {
  if (row.row === 'campaign' || row.row === 'variant') return rowKeys.campaign(row.campaign).pk;
  if (row.row === 'job') return rowKeys.job(row.job).pk;
  if (row.row === 'upload') return rowKeys.upload(createHash('sha256').update(row.key).digest('hex')).pk;
  return rowKeys.subject(row.subject).pk;
}

const noBenches: BenchControl = {
  run: async () => Promise.reject(new Error('no bench was expected')),
  check: async () => Promise.reject(new Error('no bench was expected')),
};

const noDeploys: DeployControl = {
  stages: {},
  models: '/nowhere',
  account: async () => Promise.reject(new Error('no account was expected')),
  docker: () => false,
  cdk: async () => Promise.reject(new Error('no CDK was expected')),
};

/** Run one command line in a fake world, and keep all that it said and showed. */
export async function type(
  words: string[],
  {
    cloud = new FakeCloud(),
    folder = '/nowhere',
    onPause = () => {},
    benches = noBenches,
    deploys = noDeploys,
    answers = undefined,
  }: Partial<Setting> = {},
) {
  let answer = '';
  let aside = '';
  const shown: Step[][] = [];
  const asked: string[] = [];
  // It moves only when somebody pauses.
  let clock = NOW.getTime();
  const world: World = {
    folder,
    cloud: async () => cloud,
    local: {
      up: async () => ({ document: 'local', up: true, pid: 7, endpoints: { aws: 'http://127.0.0.1:1' } }),
      down: async () => ({ document: 'local', up: false }),
      status: async () => ({ document: 'local', up: false }),
      address: async () => undefined,
    },
    benches,
    deploys,
    ask: async (question) => {
      asked.push(question);
      return answers;
    },
    createProgress: () => ({ show: (steps) => void shown.push([...steps]), stop: () => {} }),
    tell: (line) => {
      aside += `${line}\n`;
    },
    now: () => new Date(clock),
    pause: async (milliseconds) => {
      clock += milliseconds;
      onPause(cloud, shown.length);
    },
  };
  const status = await main(
    words,
    {
      answer: (text) => {
        answer += text;
      },
      aside: (text) => {
        aside += text;
      },
    },
    () => world,
  );
  return { status, answer, aside, shown, asked, cloud };
}

interface Setting {
  deploys: DeployControl;
  /** What a person says to every question; undefined while nobody is there. */
  answers: boolean | undefined;
  benches: BenchControl;
  cloud: FakeCloud;
  folder: string;
  /** Called between two looks of a command that follows something. */
  onPause(cloud: FakeCloud, looks: number): void;
}
