import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import type { TargetPlan } from '../blueprint.ts';
import { checkPattern } from '../events/pattern.ts';
import { asList, asObject, asText, isObject, type JsonObject } from '../json.ts';
import { nameOfArn, serviceOfArn } from '../names.ts';
import { arnOf, nameOf, type Provisioned, type Resource, type Site, unsupported } from './provisioner.ts';

const LONGEST_RULE_NAME = 64;
const LONGEST_BUS_NAME = 256;
const TARGET_SERVICES = ['lambda', 'sqs'];

/** AWS::Events::EventBus. */
export async function createBus(resource: Resource, site: Site): Promise<Provisioned> {
  const name = nameOf(resource, 'Name', LONGEST_BUS_NAME);
  await site.clients.events.send(new CreateEventBusCommand({ Name: name }));
  site.blueprint.busNames.push(name);
  return { ref: name, attributes: { Arn: arnOf(site, 'events', `event-bus/${name}`), Name: name } };
}

/**
 * AWS::Events::Rule. Moto keeps the bus; the rule is matched by events/router.ts, because moto ignores a rule's
 * state, its input path, and for S3 events its transformer and its bus, and drops later rules after a Lambda target.
 */
export function planRule(resource: Resource, site: Site): Provisioned {
  const { properties } = resource;
  const name = nameOf(resource, 'Name', LONGEST_RULE_NAME);
  const busName = nameOfArn(asText(properties.EventBusName) ?? 'default');
  const arn = arnOf(site, 'events', busName === 'default' ? `rule/${name}` : `rule/${busName}/${name}`);
  const targets = asList(properties.Targets).map((target) => planTarget(resource, asObject(target)));
  const pattern = isObject(properties.EventPattern) ? properties.EventPattern : undefined;
  checkPattern(pattern ?? {});
  if (properties.State !== 'DISABLED') {
    site.blueprint.rules.push({
      name,
      arn,
      busName,
      pattern,
      scheduleExpression: asText(properties.ScheduleExpression),
      targets,
    });
  }
  return { ref: name, attributes: { Arn: arn } };
}

/** Read one target of a rule or a schedule; only queues and functions can be reached. */
export function planTarget(resource: Resource, target: JsonObject): TargetPlan {
  const arn = asText(target.Arn) ?? '';
  if (!TARGET_SERVICES.includes(serviceOfArn(arn))) throw unsupported(resource, `a target with the address ${arn}`);
  const transformer = asObject(target.InputTransformer);
  const template = asText(transformer.InputTemplate);
  return {
    id: asText(target.Id) ?? 'target',
    arn,
    input: asText(target.Input),
    inputPath: asText(target.InputPath),
    transformer:
      template === undefined
        ? undefined
        : { template, paths: asObject(transformer.InputPathsMap) as Record<string, string> },
    messageGroupId: asText(asObject(target.SqsParameters).MessageGroupId),
    deadLetterArn: asText(asObject(target.DeadLetterConfig).Arn),
  };
}
