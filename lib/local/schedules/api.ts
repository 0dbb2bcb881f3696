import type { SchedulePlan } from '../blueprint.ts';
import { LocalCloudError } from '../errors.ts';
import { asNumber, asObject, asText, type JsonObject } from '../json.ts';
import type { ScheduleClock } from './clock.ts';
import { parseExpression } from './expression.ts';
import { localOf } from './zone.ts';

const NAME = /^[0-9A-Za-z_.-]{1,64}$/;
/** AWS refuses a beginning that is longer ago. */
const START_GRACE_MS = 300_000;

/** An error by one of the service's own names. */
export class SchedulerError extends Error {
  readonly status: number;

  constructor(name: 'ConflictException' | 'ResourceNotFoundException' | 'ValidationException', message: string) {
    super(message);
    this.name = name;
    this.status = { ConflictException: 409, ResourceNotFoundException: 404, ValidationException: 400 }[name];
  }
}

export interface SchedulerPlaces {
  account: string;
  region: string;
  groups: readonly string[];
  now(): Date;
}

interface Kept {
  plan: SchedulePlan;
  /** As it was asked for: what GetSchedule shows. */
  asked: JsonObject;
}

/** The EventBridge Scheduler calls that the local cloud answers: create, update, get, delete. */
export class SchedulerApi {
  readonly #clock: ScheduleClock;
  readonly #places: SchedulerPlaces;
  readonly #kept = new Map<string, Kept>();

  /** `schedules` are the template's: they too can be read, changed and deleted. */
  constructor(clock: ScheduleClock, places: SchedulerPlaces, schedules: readonly SchedulePlan[]) {
    this.#clock = clock;
    this.#places = places;
    for (const plan of schedules) this.#kept.set(plan.arn, { plan, asked: { ScheduleExpression: plan.expression } });
  }

  /** Answer one call on the schedule `name`; undefined when there is no such call. */
  call(method: string, name: string, group: string | undefined, request: JsonObject): object | undefined {
    const groupName = asText(request.GroupName) ?? group ?? 'default';
    if (!['default', ...this.#places.groups].includes(groupName)) {
      throw new SchedulerError('ResourceNotFoundException', `Schedule group ${groupName} does not exist.`);
    }
    const { account, region } = this.#places;
    const arn = `arn:aws:scheduler:${region}:${account}:schedule/${groupName}/${name}`;
    const known = this.#kept.get(arn);
    if (method === 'POST') {
      if (known && known.asked.ClientToken !== request.ClientToken) {
        throw new SchedulerError('ConflictException', `Schedule ${name} already exists.`);
      }
      return this.#keep(arn, name, request);
    }
    if (!known) throw new SchedulerError('ResourceNotFoundException', `Schedule ${name} does not exist.`);
    if (method === 'PUT') return this.#keep(arn, name, request);
    if (method === 'GET') return { ...known.asked, Arn: arn, GroupName: groupName, Name: name };
    if (method !== 'DELETE') return undefined;
    this.#forget(arn);
    return {};
  }

  #keep(arn: string, name: string, request: JsonObject): object {
    const plan = this.#read(arn, name, request);
    this.#kept.set(arn, { plan, asked: request });
    if (request.State === 'DISABLED') this.#clock.remove(arn);
    else this.#clock.put(plan, request.ActionAfterCompletion === 'DELETE' ? () => this.#forget(arn) : undefined);
    return { ScheduleArn: arn };
  }

  #forget(arn: string): void {
    this.#kept.delete(arn);
    this.#clock.remove(arn);
  }

  #read(arn: string, name: string, request: JsonObject): SchedulePlan {
    if (!NAME.test(name)) throw invalid(`${name} is not a name.`);
    const expression = asText(request.ScheduleExpression) ?? '';
    const timezone = asText(request.ScheduleExpressionTimezone) ?? 'UTC';
    try {
      parseExpression(expression);
    } catch (error) {
      if (error instanceof LocalCloudError) throw invalid(`Invalid Schedule Expression ${expression}.`);
      throw error;
    }
    try {
      localOf(this.#places.now(), timezone);
    } catch {
      throw invalid(`The timezone ${timezone} does not exist.`);
    }
    if (asText(asObject(request.FlexibleTimeWindow).Mode) !== 'OFF') {
      throw invalid('The local cloud keeps no flexible time window.');
    }
    const startDate = dateOf(request.StartDate);
    const endDate = dateOf(request.EndDate);
    const now = this.#places.now();
    if (startDate && startDate.getTime() < now.getTime() - START_GRACE_MS) {
      throw invalid('The StartDate you specify cannot be earlier than 5 minutes ago.');
    }
    if (endDate && endDate <= now) throw invalid('The EndDate you specify must be in the future.');
    const target = asObject(request.Target);
    const targetArn = asText(target.Arn);
    if (targetArn === undefined || asText(target.RoleArn) === undefined)
      throw invalid('A target has an Arn and a RoleArn.');
    return {
      name,
      arn,
      expression,
      timezone,
      startDate,
      endDate,
      target: {
        id: name,
        arn: targetArn,
        input: asText(target.Input),
        inputPath: undefined,
        transformer: undefined,
        messageGroupId: asText(asObject(target.SqsParameters).MessageGroupId),
        deadLetterArn: asText(asObject(target.DeadLetterConfig).Arn),
      },
    };
  }
}

/** Times come as seconds since 1970. */
function dateOf(value: unknown): Date | undefined {
  const seconds = asNumber(value);
  return seconds === undefined ? undefined : new Date(seconds * 1_000);
}

const invalid = (message: string): SchedulerError => new SchedulerError('ValidationException', message);
