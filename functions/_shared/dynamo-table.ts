import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { STATE_INDEX } from '../../lib/contracts/index.ts';
import { call } from './sdk.ts';
import { type Item, RevisionConflictError, type Table } from './state.ts';

/** The state table in DynamoDB. Reads of the table are strongly consistent; those of the index cannot be. */
export function createDynamoTable(TableName: string, client = new DynamoDBClient({})): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const query = (input: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> =>
    call(async () => {
      const items: Item[] = [];
      for await (const page of paginateQuery({ client: documents }, { TableName, ...input })) {
        items.push(...((page.Items ?? []) as Item[]));
      }
      return items;
    });
  return {
    async get({ pk, sk }) {
      const command = new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true });
      const { Item } = await call((options) => documents.send(command, options));
      return Item as Item | undefined;
    },
    async put(item, expected) {
      const condition =
        expected === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : { ConditionExpression: 'revision = :expected', ExpressionAttributeValues: { ':expected': expected } };
      try {
        const command = new PutCommand({ TableName, Item: item, ...condition });
        await call((options) => documents.send(command, options));
      } catch (error) {
        throw error instanceof ConditionalCheckFailedException ? new RevisionConflictError(item) : error;
      }
    },
    under: (partition, sortPrefix) =>
      query({
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': partition, ':sk': sortPrefix },
      }),
    list: (name, sortPrefix) =>
      query({
        IndexName: STATE_INDEX,
        KeyConditionExpression: `#list = :list${sortPrefix === undefined ? '' : ' AND begins_with(sk2, :sk2)'}`,
        ExpressionAttributeNames: { '#list': 'list' },
        ExpressionAttributeValues: { ':list': name, ...(sortPrefix === undefined ? {} : { ':sk2': sortPrefix }) },
      }),
  };
}
