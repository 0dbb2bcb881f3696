import { asObject, asText } from '../json.ts';
import { parseExpression } from '../schedules/expression.ts';
import { planTarget } from './events.ts';
import { arnOf, nameOf, type Provisioned, type Resource, type Site } from './provisioner.ts';

const LONGEST_SCHEDULE_NAME = 64;

/** AWS::Scheduler::Schedule: kept by our own clock. */
export function planSchedule(resource: Resource, site: Site): Provisioned {
  const { properties } = resource;
  const name = nameOf(resource, 'Name', LONGEST_SCHEDULE_NAME);
  const arn = arnOf(site, 'scheduler', `schedule/${asText(properties.GroupName) ?? 'default'}/${name}`);
  const expression = asText(properties.ScheduleExpression) ?? '';
  // Read once here, so that an expression we cannot follow stops `up` instead of never firing.
  parseExpression(expression);
  if (properties.State !== 'DISABLED') {
    site.blueprint.schedules.push({
      name,
      arn,
      expression,
      timezone: asText(properties.ScheduleExpressionTimezone) ?? 'UTC',
      startDate: dateOf(properties.StartDate),
      endDate: dateOf(properties.EndDate),
      target: planTarget(resource, asObject(properties.Target)),
    });
  }
  return { ref: name, attributes: { Arn: arn } };
}

/** AWS::Scheduler::ScheduleGroup: where schedules are made that no template knows. */
export function planScheduleGroup(resource: Resource, site: Site): Provisioned {
  const name = nameOf(resource, 'Name', LONGEST_SCHEDULE_NAME);
  site.blueprint.scheduleGroups.push(name);
  return { ref: name, attributes: { Arn: arnOf(site, 'scheduler', `schedule-group/${name}`) } };
}

function dateOf(value: unknown): Date | undefined {
  const text = asText(value);
  return text === undefined ? undefined : new Date(text);
}
