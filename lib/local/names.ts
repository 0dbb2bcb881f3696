import { createHash } from 'node:crypto';

/** Name a resource that the template leaves unnamed, the same on every run: stack, logical id and a short hash. */
export function physicalName(stackName: string, logicalId: string, longest: number): string {
  const suffix = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 8);
  return `${`${stackName}-${logicalId}`.slice(0, longest - suffix.length - 1)}-${suffix}`;
}

/** The resource part of an ARN: what follows the last colon, without its type. */
export function nameOfArn(arn: string): string {
  return (arn.split(':').slice(5).join(':').split('/').pop() ?? arn).split(':')[0] ?? arn;
}

/** The service that an ARN belongs to. */
export function serviceOfArn(arn: string): string {
  return arn.split(':')[2] ?? '';
}
