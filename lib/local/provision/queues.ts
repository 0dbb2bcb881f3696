import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { asFlag, asText } from '../json.ts';
import { arnOf, nameOf, type Provisioned, type Resource, type Site } from './provisioner.ts';

const LONGEST_QUEUE_NAME = 80;
const FIFO_SUFFIX = '.fifo';

/** Properties that are queue attributes under the same name. Encryption is left out: nothing local is encrypted. */
const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
];

/** AWS::SQS::Queue, its redrive policy included. Created by call: a queue made by moto's CloudFormation has an AWS address. */
export async function createQueue(resource: Resource, site: Site): Promise<Provisioned> {
  const { properties } = resource;
  const fifo = asFlag(properties.FifoQueue);
  const name = fifo
    ? nameOf(resource, 'QueueName', LONGEST_QUEUE_NAME - FIFO_SUFFIX.length).replace(/(\.fifo)?$/, FIFO_SUFFIX)
    : nameOf(resource, 'QueueName', LONGEST_QUEUE_NAME);
  const attributes: Record<string, string> = fifo ? { FifoQueue: 'true' } : {};
  for (const attribute of ATTRIBUTES) {
    const value = asText(properties[attribute]);
    if (value !== undefined) attributes[attribute] = value;
  }
  if (properties.RedrivePolicy !== undefined) attributes.RedrivePolicy = JSON.stringify(properties.RedrivePolicy);
  const { QueueUrl: url = '' } = await site.clients.sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return { ref: url, attributes: { Arn: arnOf(site, 'sqs', name), QueueName: name, QueueUrl: url } };
}
