import {
  type AttributeDefinition,
  CreateTableCommand,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
  type LocalSecondaryIndex,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { asFlag, asList, asObject, asText } from '../json.ts';
import { arnOf, nameOf, type Provisioned, type Resource, type Site, unsupported } from './provisioner.ts';

const LONGEST_TABLE_NAME = 255;

/** AWS::DynamoDB::Table and ::GlobalTable: keys, indexes and time to live; always billed on demand, as nobody pays. */
export async function createTable(resource: Resource, site: Site): Promise<Provisioned> {
  const { properties } = resource;
  if ('StreamSpecification' in properties) throw unsupported(resource, 'StreamSpecification');
  const name = nameOf(resource, 'TableName', LONGEST_TABLE_NAME);
  const globalIndexes = asList(properties.GlobalSecondaryIndexes).map((index): GlobalSecondaryIndex => indexOf(index));
  const localIndexes = asList(properties.LocalSecondaryIndexes).map((index): LocalSecondaryIndex => indexOf(index));
  await site.clients.dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: properties.KeySchema as KeySchemaElement[],
      AttributeDefinitions: properties.AttributeDefinitions as AttributeDefinition[],
      ...(globalIndexes.length > 0 ? { GlobalSecondaryIndexes: globalIndexes } : {}),
      ...(localIndexes.length > 0 ? { LocalSecondaryIndexes: localIndexes } : {}),
    }),
  );
  const timeToLive = asObject(properties.TimeToLiveSpecification);
  const attributeName = asText(timeToLive.AttributeName);
  if (asFlag(timeToLive.Enabled) && attributeName !== undefined) {
    await site.clients.dynamodb.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: attributeName },
      }),
    );
  }
  return { ref: name, attributes: { Arn: arnOf(site, 'dynamodb', `table/${name}`), TableId: name } };
}

function indexOf(index: unknown): GlobalSecondaryIndex & LocalSecondaryIndex {
  const { IndexName, KeySchema, Projection } = asObject(index);
  return {
    IndexName: asText(IndexName),
    KeySchema: KeySchema as KeySchemaElement[],
    Projection: asObject(Projection),
  };
}
