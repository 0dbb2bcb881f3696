import { randomUUID } from 'node:crypto';
import type { RulePlan, SchedulePlan, TargetPlan } from '../blueprint.ts';
import { targetInput } from '../events/input.ts';
import type { FaultInjector } from '../faults/injector.ts';
import type { JsonObject } from '../json.ts';
import type { Trace } from '../trace.ts';
import { type Expression, nextTick, parseExpression } from './expression.ts';

/** How often the clock is looked at: well below the minute that schedules are precise to. */
const LOOK_MS = 500;

/** One thing that is due at times. */
interface Ticking {
  name: string;
  expression: Expression;
  timezone: string;
  endDate: Date | undefined;
  due: Date | undefined;
  fire(tick: Date): Promise<void>;
  /** Called once nothing more is due. */
  over?(): void;
}

export interface ClockWorld {
  trace: Trace;
  faults: FaultInjector;
  account: string;
  region: string;
  now(): Date;
  deliver(name: string, target: TargetPlan, input: string, event: JsonObject): Promise<void>;
}

/** Fires schedules, those of the template and those made later, and the template's rules that have a time. */
export class ScheduleClock {
  readonly #world: ClockWorld;
  readonly #rules: Ticking[];
  /** By ARN. */
  readonly #schedules = new Map<string, Ticking>();
  #timer: NodeJS.Timeout | undefined;

  constructor(world: ClockWorld, schedules: SchedulePlan[], rules: RulePlan[]) {
    this.#world = world;
    const born = world.now();
    for (const schedule of schedules) this.put(schedule);
    this.#rules = rules.filter((rule) => rule.scheduleExpression !== undefined).map((rule) => this.#ruled(rule, born));
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Keep a schedule from now on, in the place of the one that has its ARN; `over` is called when it can fire no more. */
  put(schedule: SchedulePlan, over?: () => void): void {
    const now = this.#world.now();
    const expression = parseExpression(schedule.expression);
    const from = schedule.startDate !== undefined && schedule.startDate > now ? schedule.startDate : now;
    this.#schedules.set(schedule.arn, {
      name: schedule.name,
      expression,
      timezone: schedule.timezone,
      endDate: schedule.endDate,
      due: upTo(schedule.endDate, nextTick(expression, schedule.timezone, from, from)),
      fire: async (tick) => {
        const input = contextual(schedule, tick);
        await this.#world.deliver(schedule.name, schedule.target, input, {});
      },
      ...(over && { over }),
    });
  }

  remove(arn: string): void {
    this.#schedules.delete(arn);
  }

  /** Fire what is due by now, each thing once however late it is. */
  async look(): Promise<void> {
    const now = this.#world.now();
    for (const thing of [...this.#schedules.values(), ...this.#rules]) {
      const { due } = thing;
      if (due === undefined || due > now) continue;
      thing.due = upTo(thing.endDate, nextTick(thing.expression, thing.timezone, now, due));
      this.#world.trace.write({ hop: 'schedule.fired', schedule: thing.name });
      // A delivery that fails is the target's dead letter's business; the next tick must come all the same.
      await this.#world.faults.tick(`${thing.name} ${stamp(due)}`, () => thing.fire(due)).catch(() => undefined);
      if (thing.due === undefined) thing.over?.();
    }
  }

  #ruled(rule: RulePlan, born: Date): Ticking {
    const expression = parseExpression(rule.scheduleExpression ?? '');
    return {
      name: rule.name,
      expression,
      timezone: 'UTC',
      endDate: undefined,
      due: nextTick(expression, 'UTC', born, born),
      fire: async (tick) => {
        const event = this.#scheduledEvent(rule, tick);
        for (const target of rule.targets)
          await this.#world.deliver(rule.name, target, targetInput(target, event), event);
      },
    };
  }

  #scheduledEvent(rule: RulePlan, tick: Date): JsonObject {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: this.#world.account,
      time: stamp(tick),
      region: this.#world.region,
      resources: [rule.arn],
      detail: {},
    };
  }
}

const upTo = (end: Date | undefined, tick: Date | undefined): Date | undefined =>
  tick !== undefined && (end === undefined || tick <= end) ? tick : undefined;

const stamp = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');

/** A schedule's input with the scheduler's own attributes filled in. */
function contextual(schedule: SchedulePlan, tick: Date): string {
  const attributes: Record<string, string> = {
    '<aws.scheduler.schedule-arn>': schedule.arn,
    '<aws.scheduler.scheduled-time>': stamp(tick),
    '<aws.scheduler.execution-id>': randomUUID(),
    '<aws.scheduler.attempt-number>': '1',
  };
  return (schedule.target.input ?? '{}').replace(/<aws\.scheduler\.[a-z-]+>/g, (name) => attributes[name] ?? name);
}
