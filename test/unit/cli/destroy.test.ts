import { beforeEach, describe, expect, it } from 'vitest';
import { DestroyDocument, ErrorDocument } from '../../../lib/contracts/index.ts';
import { createFakeDeploys, FakeAccount } from '../../fakes/account.ts';
import { type } from './fakes.ts';

const resource = (logicalId: string, kind: string) => ({
  logicalId,
  type: kind,
  name: logicalId.toLowerCase(),
  status: 'CREATE_COMPLETE',
});

let account: FakeAccount;
let deploys: ReturnType<typeof createFakeDeploys>;

beforeEach(() => {
  account = new FakeAccount();
  account.stack = { status: 'CREATE_COMPLETE', outputs: {} };
  account.resources = [
    resource('Library', 'AWS::S3::Bucket'),
    resource('State', 'AWS::DynamoDB::Table'),
    resource('Log', 'AWS::Logs::LogGroup'),
    resource('Vpc', 'AWS::EC2::VPC'),
  ];
  account.standing = new Set(['library', 'state', 'log']);
  account.buckets.set('library', new Map([['subjects/mina/a.png', 3]]));
  deploys = createFakeDeploys(account, '/nowhere');
  deploys.onCdk = async () => {
    // As CloudFormation does it: a bucket with something in it stops it, and what is retained is left alone.
    for (const each of account.resources) {
      if (account.retained.has(each.logicalId)) each.status = 'DELETE_SKIPPED';
      else if (account.buckets.get(each.name)?.size) return 1;
      else {
        each.status = 'DELETE_COMPLETE';
        account.standing.delete(each.name);
      }
    }
    return 0;
  };
});

const run = async (...words: string[]) => {
  const typed = await type(['destroy', '--json', ...words], { deploys });
  return { ...typed, document: JSON.parse(typed.answer) };
};

describe('troupe destroy', () => {
  it('keeps its hands off data that it was not told to delete', async () => {
    const { status, document } = await run('--yes');
    expect({ status, ran: deploys.ran }).toEqual({ status: 2, ran: [] });
    expect(ErrorDocument.parse(document)).toMatchObject({ code: 'data_in_the_way' });
    expect(document.sentence).toContain('bucket library: 1 objects');
  });

  it('leaves nothing when told to delete the data too', async () => {
    const { status, document } = await run('--yes', '--with-data');
    expect(status).toBe(0);
    expect(deploys.ran).toEqual([['destroy', '--all', '--force', '--context', 'stage=trial']]);
    expect(DestroyDocument.parse(document)).toMatchObject({ removed: 4, left: [] });
    expect(account.standing.size).toBe(0);
  });

  it('says what stays of a stage that keeps its data, and does not call it left', async () => {
    account.retained = new Set(['Library', 'State']);
    const { status, document } = await run('--yes');
    expect(status).toBe(0);
    expect(document.left).toEqual([]);
    expect(document.stays.map(({ name }: { name: string }) => name)).toEqual(['library', 'state', 'CDKToolkit']);
    expect([...account.standing]).toEqual(['library', 'state']);
  });

  it('deletes kept data after the stack, when told so', async () => {
    account.retained = new Set(['Library', 'State']);
    const { status, document } = await run('--yes', '--with-data');
    expect({ status, left: document.left }).toEqual({ status: 0, left: [] });
    expect(account.standing.size).toBe(0);
  });

  it('finds what its service still has, and what CloudFormation did not delete', async () => {
    const asBefore = deploys.onCdk;
    deploys.onCdk = async (words) => {
      const status = await asBefore(words);
      account.standing.add('log');
      account.resources = account.resources.map((each) =>
        each.logicalId === 'Vpc' ? { ...each, status: 'DELETE_SKIPPED' } : each,
      );
      return status;
    };
    const { status, document } = await run('--yes', '--with-data');
    expect(status).toBe(2);
    expect(document.left).toEqual([
      { what: 'AWS::Logs::LogGroup', name: 'log', because: 'its service still has it' },
      { what: 'AWS::EC2::VPC', name: 'vpc', because: 'CloudFormation says DELETE_SKIPPED' },
    ]);
  });

  it('asks, and tells before that what goes and what stays', async () => {
    const { status, asked, aside } = await type(['destroy', '--with-data'], { deploys, answers: false });
    expect(status).toBe(2);
    expect(asked).toEqual(['Destroy troupe-trial and all its data?']);
    expect(aside).toContain('Deleted for good: bucket library (1 objects), table state');
    expect(aside).toContain('CDKToolkit');
    expect(account.buckets.get('library')?.size).toBe(1);
    expect(deploys.ran).toEqual([]);
  });

  it('knows when there is nothing to destroy', async () => {
    account.stack = undefined;
    expect((await run('--yes')).document.code).toBe('stack_missing');
  });
});
