import { createHash } from 'node:crypto';

/** Name a resource that the template leaves unnamed, the same on every run: stack, logical id and a short hash. */
export function physicalName(stackName: string, logicalId: string, longest: number): string {
  const suffix = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 8);
  return `${`${stackName}-${logicalId}`.slice(0, longest - suffix.length - 1)}-${suffix}`;
}

/** The name at the end of a queue's, function's or bus's ARN; a text that is no ARN is a name already. */
export function nameOfArn(arn: string): string {
  return arn.startsWith('arn:') ? (arn.split(/[:/]/).pop() ?? '') : arn;
}

/** The service that an ARN belongs to. */
export function serviceOfArn(arn: string): string {
  return arn.split(':')[2] ?? '';
}
