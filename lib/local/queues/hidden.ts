import { CreateQueueCommand, GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { nameOfArn } from '../names.ts';

/** Make a queue of the runner's own, which no template names. */
export async function createHiddenQueue(sqs: SQSClient, name: string, visibilitySeconds: number): Promise<string> {
  const attributes = { VisibilityTimeout: String(visibilitySeconds) };
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return url;
}

/** Finds a queue's address by its ARN, once. */
export class QueueAddresses {
  readonly #sqs: SQSClient;
  readonly #known = new Map<string, Promise<string>>();

  constructor(sqs: SQSClient) {
    this.#sqs = sqs;
  }

  urlOf(arn: string): Promise<string> {
    let url = this.#known.get(arn);
    if (url === undefined) {
      url = this.#sqs.send(new GetQueueUrlCommand({ QueueName: nameOfArn(arn) })).then(({ QueueUrl = '' }) => QueueUrl);
      this.#known.set(arn, url);
    }
    return url;
  }

  /** Send a message to the queue with this ARN and return its id. */
  async send(
    arn: string,
    body: string,
    options: { groupId?: string | undefined; attributes?: Record<string, string> } = {},
  ): Promise<string> {
    const { MessageId = '' } = await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: await this.urlOf(arn),
        MessageBody: body,
        ...(options.groupId === undefined ? {} : { MessageGroupId: options.groupId }),
        ...(options.attributes === undefined ? {} : { MessageAttributes: stringAttributes(options.attributes) }),
      }),
    );
    return MessageId;
  }
}

function stringAttributes(fields: Record<string, string>): Record<string, { DataType: string; StringValue: string }> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, { DataType: 'String', StringValue: value }]),
  );
}
