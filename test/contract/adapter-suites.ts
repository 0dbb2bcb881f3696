import { expect, it } from 'vitest';
import { ObjectTooLargeError, StoreCorruptError } from '../../functions/_shared/errors.ts';
import { sha256 } from '../../functions/_shared/hash.ts';
import type { Objects, Queues } from '../../functions/_shared/ports.ts';
import { createState, RevisionConflictError, type Table } from '../../functions/_shared/state.ts';
import { JobRow, ReferenceRow, rowKeys, SubjectRow, UploadRow } from '../../lib/contracts/index.ts';

/** What every table must do, whatever it is made of. Each test uses names of its own: the table is not emptied between them. */
export function describeTable(open: () => Table): void {
  const now = () => new Date('2026-06-01T12:00:00Z');
  const state = () => createState(open(), now);
  const subject = (name: string) => ({ row: 'subject', subject: name, state: 'waiting', latestVersion: 0 }) as const;

  it('keeps a row as it was written, with its revision and its time', async () => {
    const key = rowKeys.subject('kept');
    expect(await state().get(SubjectRow, key)).toBeUndefined();
    expect(await state().create(SubjectRow, key, { ...subject('kept'), wait: undefined })).toBe('created');
    expect(await state().get(SubjectRow, key)).toEqual({
      ...subject('kept'),
      revision: 0,
      updatedAt: '2026-06-01T12:00:00.000Z',
    });
  });

  it('creates a row once, and leaves the first', async () => {
    const key = rowKeys.subject('once');
    await state().create(SubjectRow, key, subject('once'));
    expect(await state().create(SubjectRow, key, { ...subject('once'), state: 'ready' })).toBe('exists');
    expect(await state().get(SubjectRow, key)).toMatchObject({ state: 'waiting' });
  });

  it('refuses a write whose revision is not the stored one', async () => {
    const key = rowKeys.subject('stale');
    await state().create(SubjectRow, key, subject('stale'));
    const item = {
      ...key,
      list: 'subject',
      sk2: 'x',
      ...subject('stale'),
      revision: 1,
      updatedAt: now().toISOString(),
    };
    await open().put(item, 0);
    await expect(open().put(item, 0)).rejects.toBeInstanceOf(RevisionConflictError);
    await expect(open().put(item, undefined)).rejects.toBeInstanceOf(RevisionConflictError);
  });

  it('loses no change of writers that come at once', async () => {
    const key = rowKeys.subject('busy');
    const add = () =>
      state().change(SubjectRow, key, (row) => ({
        ...(row ?? subject('busy')),
        latestVersion: (row?.latestVersion ?? 0) + 1,
      }));
    await Promise.all(Array.from({ length: 8 }, add));
    expect(await state().get(SubjectRow, key)).toMatchObject({ latestVersion: 8, revision: 7 });
  });

  it('writes nothing when nothing changes', async () => {
    const key = rowKeys.subject('same');
    await state().create(SubjectRow, key, subject('same'));
    await state().change(SubjectRow, key, (row) => row);
    await state().change(SubjectRow, key, () => ({ ...subject('same'), wait: undefined }));
    await state().change(SubjectRow, key, () => undefined);
    expect(await state().get(SubjectRow, key)).toMatchObject({ revision: 0 });
  });

  it('finds the rows of a kind below a partition, and no others', async () => {
    const partition = rowKeys.subject('parent').pk;
    await state().create(SubjectRow, rowKeys.subject('parent'), subject('parent'));
    for (const file of ['b.png', 'a.png']) {
      const draft = { row: 'reference', subject: 'parent', file, state: 'rejected', source: '0'.repeat(64) } as const;
      await state().create(ReferenceRow, rowKeys.reference('parent', file), draft);
    }
    expect((await state().under(ReferenceRow, partition)).map(({ file }) => file)).toEqual(['a.png', 'b.png']);
  });

  it('lists every row of a kind, and no others', async () => {
    const sentence = 'x'.repeat(400);
    const draft = (key: string) => ({ row: 'upload', key, rejection: { code: 'unknown_key', sentence } }) as const;
    const keys = Array.from({ length: 30 }, (_, i) => `strange/${String(i).padStart(2, '0')}`);
    await Promise.all(keys.map((key) => state().create(UploadRow, rowKeys.upload(sha256(key)), draft(key))));
    expect((await state().list(UploadRow)).map(({ key }) => key).sort()).toEqual(keys);
    expect(await state().list(JobRow)).toEqual([]);
  });

  it('lists apart what something must still become of', async () => {
    const key = rowKeys.subject('standing');
    const names = async () => (await state().listOpen(SubjectRow)).map((row) => row.subject);
    await state().create(SubjectRow, key, subject('standing'));
    expect(await names()).toContain('standing');
    await state().change(SubjectRow, key, (row) => row && { ...row, state: 'tuned' as const });
    expect(await names()).not.toContain('standing');
    expect((await state().list(SubjectRow)).map((row) => row.subject)).toContain('standing');
  });

  it('does not hand out a row that is not as its contract says', async () => {
    const key = rowKeys.job(`job_${'0'.repeat(24)}`);
    await open().put({ ...key, list: 'broken', sk2: 'x', row: 'job', revision: 0 }, undefined);
    await expect(state().get(JobRow, key)).rejects.toBeInstanceOf(StoreCorruptError);
  });
}

/** What every bucket must do. */
export function describeObjects(open: () => Objects): void {
  const bytes = Uint8Array.from([0, 255, 10, 13]);

  it('gives back the bytes that were written, and undefined for what is not there', async () => {
    expect(await open().create('kept/a.png', bytes, 'image/png')).toBe('created');
    expect(await open().read('kept/a.png', 4)).toEqual(bytes);
    expect(await open().read('kept/b.png', 4)).toBeUndefined();
    const etag = expect.stringMatching(/^".+"$/);
    expect(await open().take('kept/a.png', 4)).toEqual({ bytes, contentType: 'image/png', etag });
    expect(await open().take('kept/b.png', 4)).toBeUndefined();
  });

  it('creates an object once, and leaves the first', async () => {
    await open().create('once.json', Buffer.from('first'), 'application/json');
    expect(await open().create('once.json', Buffer.from('second'), 'application/json')).toBe('exists');
    expect(Buffer.from((await open().read('once.json', 99)) ?? []).toString()).toBe('first');
  });

  it('lets one of several writers win', async () => {
    const results = await Promise.all(
      ['a', 'b', 'c'].map((text) => open().create('race.json', Buffer.from(text), 'application/json')),
    );
    expect(results.sort()).toEqual(['created', 'exists', 'exists']);
  });

  it('takes no more than it was asked to', async () => {
    await open().create('large', new Uint8Array(1_000), 'image/png');
    await expect(open().read('large', 999)).rejects.toBeInstanceOf(ObjectTooLargeError);
    await expect(open().read('large', 999)).rejects.toMatchObject({ sizeBytes: 1_000 });
  });

  it('lists what was written below a prefix since a moment', async () => {
    const before = new Date(Date.now() - 60_000);
    for (const key of ['listed/b', 'listed/a', 'elsewhere/c']) await open().create(key, bytes, 'image/png');
    const found = await open().list('listed/', new Date(0));
    expect(found.map(({ key }) => key).sort()).toEqual(['listed/a', 'listed/b']);
    expect(await open().list('listed/', new Date(Date.now() + 3_600_000))).toEqual([]);
    expect(found.every(({ writtenAt }) => writtenAt.getTime() === 0 || writtenAt >= before)).toBe(true);
  });

  it('lists an object under the ETag with which it is taken, or found too large', async () => {
    await open().create('tagged', bytes, 'image/png');
    const [listed] = await open().list('tagged', new Date(0));
    expect((await open().take('tagged', 4))?.etag).toBe(listed?.etag);
    await expect(open().take('tagged', 3)).rejects.toMatchObject({ etag: listed?.etag });
  });

  it('knows an empty object from none', async () => {
    await open().create('empty', new Uint8Array(), 'image/png');
    expect(await open().read('empty', 1)).toHaveLength(0);
  });
}

/** What every set of queues must do. */
export function describeQueues(open: () => Queues, receive: (queue: keyof Queues) => Promise<unknown[]>): void {
  it('carry each message on its own queue, as it was sent', async () => {
    const tuned = { event: 'subject.tuned', subject: 'mina', version: 1 } as const;
    const planned = { event: 'campaign.planned', campaign: 'spring', job: `job_${'0'.repeat(24)}` } as const;
    await open().tuning({ event: 'subject.ready', subject: 'mina' });
    await open().render(planned);
    await open().campaigns(tuned);
    expect(await receive('tuning')).toEqual([{ event: 'subject.ready', subject: 'mina' }]);
    expect(await receive('render')).toEqual([planned]);
    expect(await receive('campaigns')).toEqual([tuned]);
  });
}
