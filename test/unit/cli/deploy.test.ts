import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { STAGES } from '../../../bin/stages.ts';
import {
  DeployDocument,
  ErrorDocument,
  libraryKeys,
  STACK_OUTPUTS,
  StageConfig,
} from '../../../lib/contracts/index.ts';
import { createFakeDeploys, FakeAccount } from '../../fakes/account.ts';
import { type } from './fakes.ts';

const WEIGHTS = 'weights';
const digest = createHash('sha256').update(WEIGHTS).digest('hex');
let models: string;
let account: FakeAccount;

/** A folder of models with one of a single file; `commercialUse` as its licence says. */
function writeModels(commercialUse: boolean): void {
  models = mkdtempSync(join(tmpdir(), 'troupe-models-'));
  const files = [{ file: 'unet/a.safetensors', bytes: WEIGHTS.length, sha256: digest }];
  const paperdoll = { family: 'paperdoll', licence: 'CC-BY-NC-4.0', commercialUse, files };
  writeFileSync(join(models, 'models.lock.json'), JSON.stringify({ models: { paperdoll } }));
  mkdirSync(join(models, 'paperdoll/unet'), { recursive: true });
  writeFileSync(join(models, 'paperdoll/unet/a.safetensors'), WEIGHTS);
}

beforeEach(() => {
  writeModels(true);
  account = new FakeAccount();
});

async function check(deploys = createFakeDeploys(account, models)) {
  const { status, answer } = await type(['deploy', '--check', '--json'], { deploys });
  const { findings } = DeployDocument.parse(JSON.parse(answer));
  const notFine = findings.filter(({ level }) => level !== 'fine').map(({ code, level }) => `${code} ${level}`);
  return { status, notFine, findings, ran: deploys.ran };
}

describe('the preflight', () => {
  it('finds nothing in the way where everything is there, and changes nothing', async () => {
    expect(await check()).toMatchObject({ status: 0, notFine: [], ran: [] });
  });

  it('says of everything that stands in the way what to do', async () => {
    account.quotas = { spot: 0, onDemand: 0 };
    account.bootstrap = undefined;
    account.stack = { status: 'ROLLBACK_COMPLETE', outputs: {} };
    writeModels(false);
    rmSync(join(models, 'paperdoll/unet/a.safetensors'));
    const deploys = createFakeDeploys(account, models);
    deploys.dockerAnswers = false;
    const { status, notFine, findings } = await check(deploys);
    expect(status).toBe(2);
    expect(notFine).toEqual([
      'bootstrap stop',
      'stack stop',
      'quota_spot stop',
      'quota_on_demand stop',
      'model advice',
      'licence stop',
      'docker stop',
    ]);
    for (const { level, next } of findings) if (level !== 'fine') expect(next).toMatch(/\w/);
  });

  it.each([
    [3, 'stop'],
    [4, 'advice'],
    [15, 'advice'],
    [undefined, 'advice'],
  ])('wants quota for one job, and would like it for the whole stage: %s vCPUs', async (quota, level) => {
    account.quotas.onDemand = quota;
    expect((await check()).notFine).toEqual([`quota_on_demand ${level}`]);
  });

  it('has a stack whose rollback got stuck go on with it, and nothing destroyed', async () => {
    account.stack = { status: 'UPDATE_ROLLBACK_FAILED', outputs: {} };
    const { status, findings } = await check();
    const next = findings.find(({ code, level }) => code === 'stack' && level === 'stop')?.next;
    expect(status).toBe(2);
    expect(next).toContain(
      '`aws cloudformation continue-update-rollback --stack-name troupe-trial --region eu-central-1`',
    );
    expect(next).not.toContain('troupe destroy');
  });

  it('takes a stack of which nothing was made yet for none', async () => {
    account.stack = { status: 'REVIEW_IN_PROGRESS', outputs: {} };
    const { status, findings } = await check();
    expect(status).toBe(0);
    expect(findings.filter(({ code }) => code === 'stack')).toEqual([]);
  });

  it.each([
    [5, ['bootstrap stop']],
    [6, []],
  ])('wants a bootstrap stack that knows what templates ask: version %d', async (version, expected) => {
    account.bootstrap = version;
    expect((await check()).notFine).toEqual(expected);
  });

  it('takes weights of which a byte is another for missing', async () => {
    writeFileSync(join(models, 'paperdoll/unet/a.safetensors'), 'Weights');
    account.stack = { status: 'CREATE_COMPLETE', outputs: { [STACK_OUTPUTS.libraryBucket]: 'library' } };
    expect((await check()).notFine).toEqual(['model stop']);
  });

  it('finds a base model in the library when the checkout has only its lock', async () => {
    rmSync(join(models, 'paperdoll'), { recursive: true });
    account.stack = { status: 'CREATE_COMPLETE', outputs: { [STACK_OUTPUTS.libraryBucket]: 'library' } };
    const library = new Map<string, number>();
    account.buckets.set('library', library);
    expect((await check()).notFine).toEqual(['model stop']);
    library.set(libraryKeys.modelFile(digest), WEIGHTS.length);
    expect((await check()).notFine).toEqual([]);
  });

  it('holds the licence against the use that the stage declares', async () => {
    writeModels(false);
    expect((await check()).notFine).toEqual(['licence stop']);
    const research = createFakeDeploys(account, models, { use: 'research' });
    expect((await check(research)).notFine).toEqual([]);
  });

  it('prints what an isolated network costs a month', async () => {
    const { findings } = await check(createFakeDeploys(account, models, { isolated: true }));
    // 7 endpoints × 2 zones × $0.01 × 730 hours.
    expect(findings.find(({ code }) => code === 'endpoints')?.sentence).toContain('$102 a month');
  });

  it('knows a stage that is not in the table by what is', async () => {
    const { status, answer } = await type(['deploy', '--stage', 'moon', '--json'], {
      deploys: createFakeDeploys(account, models),
    });
    expect(status).toBe(2);
    expect(ErrorDocument.parse(JSON.parse(answer))).toMatchObject({ code: 'stage_unknown' });
    expect(answer).toContain('trial');
  });

  it('is asked of stages that are valid', () => {
    for (const stage of Object.values(STAGES)) StageConfig.parse(stage);
  });
});

describe('troupe deploy', () => {
  it('deploys the stage when a person says yes, and lets the CDK ask about wider rights', async () => {
    const deploys = createFakeDeploys(account, models);
    const { status, answer, asked } = await type(['deploy'], { deploys, answers: true });
    expect(status).toBe(0);
    expect(asked).toEqual(['Deploy troupe-trial to account 123456789012 in eu-central-1?']);
    expect(deploys.ran).toEqual([['deploy', '--all', '--context', 'stage=trial', '--require-approval', 'broadening']]);
    expect(answer).toContain('troupe-trial is deployed');
  });

  it('asks nothing when told so', async () => {
    const deploys = createFakeDeploys(account, models);
    const { asked } = await type(['deploy', '--yes'], { deploys });
    expect(asked).toEqual([]);
    expect(deploys.ran[0]?.slice(-2)).toEqual(['--require-approval', 'never']);
  });

  it.each([
    ['a person says no', false],
    ['nobody can be asked', undefined],
  ])('changes nothing when %s', async (_, answers) => {
    const deploys = createFakeDeploys(account, models);
    const { status, answer } = await type(['deploy', '--json'], { deploys, answers });
    expect({ status, ran: deploys.ran }).toEqual({ status: 2, ran: [] });
    expect(ErrorDocument.parse(JSON.parse(answer)).code).toBe('unconfirmed');
  });

  it('changes nothing while something stands in the way, yes or no', async () => {
    account.quotas.spot = 0;
    const deploys = createFakeDeploys(account, models);
    const { status, answer } = await type(['deploy', '--yes'], { deploys });
    expect({ status, ran: deploys.ran }).toEqual({ status: 2, ran: [] });
    expect(answer).toContain('STOP  The quota "All G and VT Spot Instance Requests" is 0 vCPUs');
  });

  it('says when the CDK did not succeed', async () => {
    const deploys = createFakeDeploys(account, models);
    deploys.onCdk = async () => 1;
    const { status, answer } = await type(['deploy', '--yes', '--json'], { deploys });
    expect(status).toBe(2);
    expect(ErrorDocument.parse(JSON.parse(answer)).code).toBe('deploy_failed');
  });
});
