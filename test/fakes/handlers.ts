import { vi } from 'vitest';
import type { Log } from '../../functions/_shared/ports.ts';
import type { Handlers } from './pipeline.ts';
import { createWorld, type World } from './world.ts';

/** The world that the handlers see now. */
const seen: { world: World } = { world: createWorld() };

export const enter = (world: World): void => {
  seen.world = world;
};

/** Stands in for the live ports. A getter for each, as the live ones have. */
export const fakeLive = (_log: Log) => seen.world.ports;

/** Stands in for the logger: lines are kept in the world, where a test can read them. */
export const fakeLogger = () => ({
  log: seen.world.ports.log,
  failure: (event: string, error: unknown, passing: boolean) =>
    void seen.world.lines.push({ event, error: (error as Error).name, reason: (error as Error).message, passing }),
});

/** The five real handlers. Call after the live ports and the logger are mocked. */
export async function importHandlers(): Promise<Handlers> {
  const [ingest, plan, start, record, gate] = await Promise.all([
    import('../../functions/ingest-upload/handler.ts'),
    import('../../functions/plan-campaign/handler.ts'),
    import('../../functions/start-job/handler.ts'),
    import('../../functions/record-job/handler.ts'),
    import('../../functions/gate-variants/handler.ts'),
  ]);
  const asHandler = (handler: unknown) => vi.fn(handler as Handlers['uploads']);
  return {
    uploads: asHandler(ingest.handler),
    campaigns: asHandler(plan.handler),
    start: asHandler(start.handler),
    jobChanges: asHandler(record.handler),
    variants: asHandler(gate.handler),
  };
}
