import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { cosine, decodeVector, encodeVector, meanDirection } from '../../../functions/_rules/index.ts';
import { readEnvironment } from '../../../functions/_shared/env.ts';
import { ConfigurationError, PassingError } from '../../../functions/_shared/errors.ts';
import { canonicalJson, digestOf } from '../../../functions/_shared/hash.ts';
import { createLogger, linesTo } from '../../../functions/_shared/logger.ts';
import { call, withDeadline } from '../../../functions/_shared/sdk.ts';

describe('a call of the SDK', () => {
  const fail = (error: object) => call(() => Promise.reject(Object.assign(new Error('secret text'), error)));

  it.each([
    ['a throttle', { name: 'ThrottlingException', $retryable: {}, $metadata: { httpStatusCode: 400 } }],
    ['a broken service', { name: 'InternalError', $fault: 'server', $metadata: { httpStatusCode: 503 } }],
    ['a broken connection', { name: 'Error', code: 'ECONNRESET' }],
    ['a deadline', { name: 'AbortError' }],
  ])('that another try may cure leaves as a passing error: %s', async (_what, error) => {
    await expect(fail(error)).rejects.toBeInstanceOf(PassingError);
  });

  it('that no other try may cure leaves as it is', async () => {
    await expect(
      fail({ name: 'AccessDenied', $fault: 'client', $metadata: { httpStatusCode: 403 } }),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('knows the deadline of the invocation that it is made in', async () => {
    const { signal } = new AbortController();
    expect(await withDeadline(signal, () => call(async (options) => options.abortSignal))).toBe(signal);
    expect(await call(async (options) => options.abortSignal)).toBeUndefined();
  });
});

describe('the environment', () => {
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };

  it('names the variable that is missing or wrong', () => {
    set('STATE_TABLE', undefined);
    expect(() => readEnvironment('stateTable')).toThrow(ConfigurationError);
    expect(() => readEnvironment('stateTable')).toThrow('STATE_TABLE');
    set('BASE_MODEL', '{"name": "paperdoll"}');
    expect(() => readEnvironment('baseModel')).toThrow('BASE_MODEL');
    set('BASE_MODEL', 'paperdoll');
    expect(() => readEnvironment('baseModel')).toThrow('is not JSON');
  });

  it('may name no reader and no upscaler', () => {
    set('UPSCALER_FOLDER', undefined);
    expect(readEnvironment('upscalerFolder')).toBeUndefined();
    set('UPSCALER_FOLDER', 'upscaler');
    expect(readEnvironment('upscalerFolder')).toBe('upscaler');
    set('UPSCALER_FOLDER', undefined);
  });

  it('has a size of shards even when nobody set one', () => {
    set('SHARD_CELLS', undefined);
    expect(readEnvironment('shardCells')).toBe(32);
    set('SHARD_CELLS', '0');
    expect(() => readEnvironment('shardCells')).toThrow('SHARD_CELLS');
  });
});

describe('a logger', () => {
  it('writes one line of JSON for each fact, with its subject in it', () => {
    const stream = new PassThrough();
    const { log, failure } = createLogger({ function: 'start-job', message: 'm1' }, linesTo(stream));
    log('job.submitted', { jobId: 'job_1', shards: 2 });
    failure('record.failed', new Error('broken'), false);
    const [submitted, failed] = String(stream.read())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(submitted).toMatchObject({
      level: 'info',
      function: 'start-job',
      message: 'm1',
      event: 'job.submitted',
      shards: 2,
    });
    expect(failed).toMatchObject({ level: 'error', event: 'record.failed', error: 'Error', reason: 'broken' });
    expect(failed.stack).toContain('border.test.ts');
  });
});

describe('canonical JSON', () => {
  it('is the same for equal values, whatever the order of their fields', () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[{"d":1}]}');
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf({ a: [1, 2] })).not.toBe(digestOf({ a: [2, 1] }));
  });
});

describe('vectors', () => {
  const vector = Float32Array.from([0.6, -0.8, 0]);

  it('come out of a row as they went in', () => {
    expect(decodeVector(encodeVector(vector))).toEqual(vector);
  });

  it('have a cosine that is never outside of [-1, 1]', () => {
    expect(cosine(vector, vector)).toBeLessThanOrEqual(1);
    expect(
      cosine(
        vector,
        vector.map((value) => -value),
      ),
    ).toBeGreaterThanOrEqual(-1);
  });

  it('have a mean of unit length', () => {
    const mean = meanDirection([Float32Array.from([1, 0]), Float32Array.from([0, 1])]);
    expect(Math.hypot(...mean)).toBeCloseTo(1, 6);
  });
});
