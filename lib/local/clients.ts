import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { keysOf } from './identity.ts';

/** SDK clients of the runner itself, all pointed at the local server. */
export interface Clients {
  s3: S3Client;
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  events: EventBridgeClient;
  logs: CloudWatchLogsClient;
  destroy(): void;
}

export function createClients(endpoint: string, region: string): Clients {
  const settings = { endpoint, region, credentials: keysOf('RUNNER'), maxAttempts: 3 };
  const s3 = new S3Client(settings);
  // Every queue that is waited on holds one connection open, so the usual limit of 50 would starve the rest.
  const sqs = new SQSClient({ ...settings, requestHandler: { httpAgent: { maxSockets: 1_000 } } });
  const dynamodb = new DynamoDBClient(settings);
  const events = new EventBridgeClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  const all = [s3, sqs, dynamodb, events, logs];
  return { s3, sqs, dynamodb, events, logs, destroy: () => all.forEach((client) => void client.destroy()) };
}
