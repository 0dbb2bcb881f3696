import { randomUUID } from 'node:crypto';
import type { FunctionPlan } from '../blueprint.ts';
import type { LogBook } from '../logs.ts';
import type { ProcessLedger } from '../processes/ledger.ts';
import type { Trace } from '../trace.ts';
import { LambdaChild } from './child.ts';
import type { Answer } from './runtime-api.ts';

/** Who makes a call, found by its access key. */
export interface Caller {
  function: string;
  pid: number;
  requestId: string;
}

/** What functions need of the rest of the cloud. */
export interface LambdaWorld {
  stateDir: string;
  /** Variables that every child gets: endpoints, region, PATH. */
  environment: Record<string, string>;
  ledger: ProcessLedger;
  logBook: Pick<LogBook, 'open'>;
  trace: Trace;
  callers: Map<string, Caller>;
}

/** A function with its warm children; as many run at once as there are invocations. */
export class LambdaFunction {
  readonly plan: FunctionPlan;
  readonly #world: LambdaWorld;
  readonly #idle: LambdaChild[] = [];
  readonly #all = new Set<LambdaChild>();
  #stopped = false;

  constructor(plan: FunctionPlan, world: LambdaWorld) {
    this.plan = plan;
    this.#world = world;
  }

  /**
   * Invoke the function in a warm child, or in a new one, and trace it with where its event came from. `failedOf` reads
   * from an answer which messages it leaves undone.
   */
  async invoke(
    event: unknown,
    source: { queue: string; messageIds: string[] },
    failedOf: (payload: unknown) => string[] = () => [],
  ): Promise<Answer> {
    const requestId = randomUUID();
    const taken = await this.#take();
    if (!('child' in taken)) {
      this.#note('function.finished', 0, { requestId, outcome: taken.failed.ok ? 'done' : taken.failed.errorType });
      return taken.failed;
    }
    const { child } = taken;
    this.#note('function.invoked', child.pid, { requestId, ...source });
    const started = performance.now();
    const answer = await child.invoke(event, requestId);
    const failedMessageIds = answer.ok ? failedOf(answer.payload) : source.messageIds;
    this.#note('function.finished', child.pid, {
      requestId,
      outcome: answer.ok ? 'done' : answer.errorType,
      milliseconds: Math.round(performance.now() - started),
      ...(failedMessageIds.length > 0 ? { failedMessageIds } : {}),
    });
    if (child.usable && !this.#stopped) this.#idle.push(child);
    else this.#all.delete(child);
    return answer;
  }

  /** Kill every child; invocations under way end as failures. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#all].map((child) => child.kill()));
  }

  async #take(): Promise<{ child: LambdaChild } | { failed: Answer }> {
    for (let warm = this.#idle.pop(); warm !== undefined; warm = this.#idle.pop()) {
      if (warm.usable) return { child: warm };
      this.#all.delete(warm);
    }
    if (this.#stopped)
      return { failed: { ok: false, errorType: 'Stopped', errorMessage: 'the local cloud is going down' } };
    const child = await LambdaChild.start(this.plan, this.#world);
    this.#all.add(child);
    const ready = await child.ready();
    if (ready.ok && !this.#stopped) return { child };
    this.#all.delete(child);
    await child.kill();
    return { failed: ready };
  }

  #note(hop: 'function.invoked' | 'function.finished', pid: number, rest: object): void {
    this.#world.trace.write({ hop, function: this.plan.name, pid, ...rest });
  }
}
