import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import type { Message } from '@aws-sdk/client-sqs';
import type { RulePlan, TargetPlan } from '../blueprint.ts';
import type { Clients } from '../clients.ts';
import type { FaultInjector } from '../faults/injector.ts';
import { asObject, asText, type JsonObject } from '../json.ts';
import { nameOfArn } from '../names.ts';
import { createHiddenQueue, type QueueAddresses } from '../queues/hidden.ts';
import { QueuePoller } from '../queues/poller.ts';
import type { Trace } from '../trace.ts';
import { targetInput } from './input.ts';
import { matchesPattern } from './pattern.ts';
import { repairEvent, sequencers } from './repair.ts';

const VISIBILITY_SECONDS = 30;
/** One at a time, in batches: events leave in the order in which they came. */
const SLOTS = 1;
const BATCH = 10;

/** What the router needs of the rest of the cloud. */
export interface RouterWorld {
  clients: Clients;
  addresses: QueueAddresses;
  trace: Trace;
  faults: FaultInjector;
  account: string;
  region: string;
  /** The queue through which a function is invoked asynchronously. */
  invocationQueueArn(functionArn: string): string;
}

/**
 * Takes every event off the buses and delivers it to the targets of the rules that match. In moto each bus has one
 * rule, which sends all there is to one hidden queue.
 */
export class EventRouter {
  readonly #world: RouterWorld;
  readonly #rules: RulePlan[];
  readonly #nextSequencer = sequencers(Date.now());
  readonly #pollers: QueuePoller[] = [];

  constructor(world: RouterWorld, rules: RulePlan[]) {
    this.#world = world;
    this.#rules = rules;
  }

  async start(busNames: string[]): Promise<void> {
    for (const busName of busNames) {
      const { clients, account, region } = this.#world;
      const queueName = `events-${busName.replace(/[^A-Za-z0-9_-]/g, '-')}`;
      const queueUrl = await createHiddenQueue(clients.sqs, queueName, VISIBILITY_SECONDS);
      const rule = { Name: queueName, EventBusName: busName };
      await clients.events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ account: [account] }) }));
      const arn = `arn:aws:sqs:${region}:${account}:${queueName}`;
      await clients.events.send(
        new PutTargetsCommand({ Rule: queueName, EventBusName: busName, Targets: [{ Id: 'all', Arn: arn }] }),
      );
      const poller = new QueuePoller(clients.sqs, {
        queueUrl,
        slots: SLOTS,
        batchSize: BATCH,
        windowSeconds: 0,
        handle: (messages) => this.#route(busName, messages),
      });
      poller.start();
      this.#pollers.push(poller);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
  }

  async #route(busName: string, messages: Message[]): Promise<Message[]> {
    for (const message of messages) {
      const event = repairEvent(asObject(JSON.parse(message.Body ?? '{}')), this.#nextSequencer);
      // Services speak to the default bus only; moto puts S3's events on every bus.
      if (busName !== 'default' && String(event.source).startsWith('aws.')) continue;
      this.#noteObject(event);
      await this.#world.faults.event(event, () => this.#followRules(busName, event));
    }
    return messages;
  }

  async #followRules(busName: string, event: JsonObject): Promise<void> {
    for (const rule of this.#rules) {
      if (rule.busName !== busName || rule.pattern === undefined || !matchesPattern(rule.pattern, event)) continue;
      for (const target of rule.targets) await this.deliver(rule.name, target, targetInput(target, event), event);
    }
  }

  /** Send a rule's or schedule's input to its target; what cannot be delivered goes to the target's dead letters. */
  async deliver(rule: string, target: TargetPlan, input: string, event: JsonObject): Promise<void> {
    const { addresses, trace } = this.#world;
    const arn = target.arn.includes(':lambda:') ? this.#world.invocationQueueArn(target.arn) : target.arn;
    let messageId: string;
    try {
      messageId = await addresses.send(arn, input, { groupId: target.messageGroupId });
    } catch (error) {
      if (target.deadLetterArn === undefined) return;
      messageId = await addresses.send(target.deadLetterArn, input, {
        attributes: { RULE_ARN: rule, TARGET_ARN: target.arn, ERROR_MESSAGE: String(error) },
      });
    }
    const object = asObject(asObject(event.detail).object);
    trace.write({
      hop: 'event.routed',
      rule,
      queue: nameOfArn(arn),
      messageId,
      ...optional('eventId', event.id),
      ...optional('detailType', event['detail-type']),
      ...optional('objectKey', object.key),
    });
  }

  #noteObject(event: JsonObject): void {
    if (event.source !== 'aws.s3' || event['detail-type'] !== 'Object Created') return;
    const detail = asObject(event.detail);
    this.#world.trace.write({
      hop: 'object.created',
      ...optional('bucket', asObject(detail.bucket).name),
      ...optional('objectKey', asObject(detail.object).key),
      ...optional('eventId', event.id),
    });
  }
}

function optional<Key extends string>(key: Key, value: unknown): { [key in Key]?: string } {
  const text = asText(value);
  return (text === undefined ? {} : { [key]: text }) as { [key in Key]?: string };
}
