import { describe, expect, it, vi } from 'vitest';
import { createSharpPictures } from '../../../functions/_shared/sharp-pictures.ts';
import { PICTURE_TYPES, ReferenceRow, RejectionCode, rowKeys } from '../../../lib/contracts/index.ts';
import { enter, fakeLive, fakeLogger } from '../../fakes/handlers.ts';
import { CANARIES, hostileFiles } from '../../fakes/hostile.ts';
import { createRandom } from '../../fakes/pipeline.ts';
import { objectCreated } from '../../fakes/samples.ts';
import { createWorld } from '../../fakes/world.ts';

vi.mock('../../../functions/_shared/live.ts', async (real) => ({ ...(await real<object>()), live: fakeLive }));
vi.mock('../../../functions/_shared/live-pictures.ts', () => ({ liveWithPictures: fakeLive }));
vi.mock('../../../functions/_shared/logger.ts', () => ({ createLogger: fakeLogger }));

const COUNT = 500;
const SEED = 7;
const SUFFIXES = ['jpg', 'png', 'webp', 'jpeg'];

describe(`${COUNT} hostile files through the real handler`, () => {
  it('each end accepted or rejected with a code and a sentence, and nothing of their metadata leaves', async () => {
    const { handler } = await import('../../../functions/ingest-upload/handler.ts');
    const world = createWorld();
    // The real decoder; only the cloud and the encoder are not.
    Object.assign(world.ports, { pictures: createSharpPictures() });
    enter(world);
    const ended: Record<string, number> = {};
    let peak = 0;
    const random = createRandom(SEED);
    for (const [at, { name, bytes }] of (await hostileFiles(COUNT, SEED)).entries()) {
      const file = `f${at}.${SUFFIXES[at % SUFFIXES.length]}`;
      const key = `subjects/mina/${file}`;
      world.intake.put(key, bytes);
      // Half are declared by their suffix, which is as often wrong as right; the others say nothing.
      if (random() < 0.5) world.intake.contentTypes.set(key, PICTURE_TYPES[key.split('.').at(-1) ?? ''] ?? '');
      const event = { Records: [{ messageId: `m${at}`, body: JSON.stringify(objectCreated(key)) }] };
      const { batchItemFailures } = (await handler(event, {} as never)) as { batchItemFailures: unknown[] };
      expect(batchItemFailures, name).toEqual([]);
      const row = await world.ports.state.get(ReferenceRow, rowKeys.reference('mina', file));
      expect(row?.state, name).toMatch(/^(accepted|rejected)$/);
      if (row?.rejection) {
        expect(RejectionCode.options, name).toContain(row.rejection.code);
        expect(row.rejection.sentence.length, name).toBeGreaterThan(20);
      }
      const end = row?.rejection?.code ?? 'accepted';
      ended[end] = (ended[end] ?? 0) + 1;
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    const lost = [...world.library.objects.values()].map((bytes) => Buffer.from(bytes).toString('latin1'));
    for (const canary of [...CANARIES, 'Exif', 'ICC_PROFILE', '<script>']) {
      expect(
        lost.filter((content) => content.includes(canary)),
        canary,
      ).toEqual([]);
    }
    console.log(
      `${JSON.stringify(ended)}; 0 crashes; peak memory ${Math.round(peak / 2 ** 20)} MiB of the whole test process`,
    );
    expect(Object.values(ended).reduce((sum, count) => sum + count, 0)).toBe(COUNT);
    expect(ended.accepted).toBeGreaterThan(50);
    expect(ended.type_mismatch).toBeGreaterThan(20);
    expect(peak).toBeLessThan(700 * 2 ** 20);
  }, 240_000);
});
