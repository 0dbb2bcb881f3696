import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { asFlag, asObject } from '../json.ts';
import { nameOf, type Provisioned, type Resource, type Site, unsupported } from './provisioner.ts';

const LONGEST_BUCKET_NAME = 63;
const DIRECT_NOTIFICATIONS = ['LambdaConfigurations', 'QueueConfigurations', 'TopicConfigurations'];

/** AWS::S3::Bucket: versioning and EventBridge notifications as the template says. */
export async function createBucket(resource: Resource, { clients, assembly }: Site): Promise<Provisioned> {
  const { properties } = resource;
  const name = nameOf(resource, 'BucketName', LONGEST_BUCKET_NAME).toLowerCase();
  const notifications = asObject(properties.NotificationConfiguration);
  for (const direct of DIRECT_NOTIFICATIONS) {
    if (direct in notifications) throw unsupported(resource, `NotificationConfiguration.${direct} (use EventBridge)`);
  }
  const elsewhere = assembly.region === 'us-east-1' ? {} : { LocationConstraint: assembly.region as 'eu-west-1' };
  await clients.s3.send(
    new CreateBucketCommand({
      Bucket: name,
      ...(elsewhere.LocationConstraint ? { CreateBucketConfiguration: elsewhere } : {}),
    }),
  );
  if (asObject(properties.VersioningConfiguration).Status === 'Enabled') {
    await clients.s3.send(
      new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  }
  const eventBridge = asObject(notifications.EventBridgeConfiguration);
  // `EventBridgeConfiguration: {}` turns it on as well: the flag's default is true.
  if ('EventBridgeConfiguration' in notifications && asFlag(eventBridge.EventBridgeEnabled ?? true)) {
    await clients.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: name,
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      }),
    );
  }
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${assembly.region}.amazonaws.com`,
    },
  };
}
