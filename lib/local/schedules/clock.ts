import { randomUUID } from 'node:crypto';
import type { RulePlan, SchedulePlan, TargetPlan } from '../blueprint.ts';
import { targetInput } from '../events/input.ts';
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
}

export interface ClockWorld {
  trace: Trace;
  account: string;
  region: string;
  now(): Date;
  deliver(name: string, target: TargetPlan, input: string, event: JsonObject): Promise<void>;
}

/** Fires the template's schedules and the rules that have one. */
export class ScheduleClock {
  readonly #world: ClockWorld;
  readonly #ticking: Ticking[];
  #timer: NodeJS.Timeout | undefined;

  constructor(world: ClockWorld, schedules: SchedulePlan[], rules: RulePlan[]) {
    this.#world = world;
    const born = world.now();
    this.#ticking = [
      ...schedules.map((schedule) => this.#scheduled(schedule, born)),
      ...rules.filter((rule) => rule.scheduleExpression !== undefined).map((rule) => this.#ruled(rule, born)),
    ];
  }

  start(): void {
    if (this.#ticking.length === 0) return;
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Fire what is due by now, each thing once however late it is. */
  async look(): Promise<void> {
    const now = this.#world.now();
    for (const thing of this.#ticking) {
      const { due } = thing;
      if (due === undefined || due > now) continue;
      const next = nextTick(thing.expression, thing.timezone, now, due);
      thing.due = next !== undefined && (thing.endDate === undefined || next <= thing.endDate) ? next : undefined;
      this.#world.trace.write({ hop: 'schedule.fired', schedule: thing.name });
      // A delivery that fails is the target's dead letter's business; the next tick must come all the same.
      await thing.fire(due).catch(() => undefined);
    }
  }

  #scheduled(schedule: SchedulePlan, born: Date): Ticking {
    const expression = parseExpression(schedule.expression);
    const from = schedule.startDate !== undefined && schedule.startDate > born ? schedule.startDate : born;
    return {
      name: schedule.name,
      expression,
      timezone: schedule.timezone,
      endDate: schedule.endDate,
      due: nextTick(expression, schedule.timezone, from, from),
      fire: async (tick) => {
        const input = contextual(schedule, tick);
        await this.#world.deliver(schedule.name, schedule.target, input, {});
      },
    };
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
      time: tick.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: this.#world.region,
      resources: [rule.arn],
      detail: {},
    };
  }
}

/** A schedule's input with the scheduler's own attributes filled in. */
function contextual(schedule: SchedulePlan, tick: Date): string {
  const attributes: Record<string, string> = {
    '<aws.scheduler.schedule-arn>': schedule.arn,
    '<aws.scheduler.scheduled-time>': tick.toISOString().replace(/\.\d+Z$/, 'Z'),
    '<aws.scheduler.execution-id>': randomUUID(),
    '<aws.scheduler.attempt-number>': '1',
  };
  return (schedule.target.input ?? '{}').replace(/<aws\.scheduler\.[a-z-]+>/g, (name) => attributes[name] ?? name);
}
