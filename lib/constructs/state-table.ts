import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../contracts/environment.ts';
import { STATE_INDEX } from '../contracts/rows.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface StateTableProps {
  /** Whether the table outlives the stack. */
  readonly keep: boolean;
}

/** The one table of rows: what is known of every subject, campaign, job and variant. */
export class StateTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: StateTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.keep,
      removalPolicy: props.keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: STATE_INDEX,
      partitionKey: { name: 'list', type: AttributeType.STRING },
      sortKey: { name: 'sk2', type: AttributeType.STRING },
    });
  }

  /** Let `fn` read and write rows by their keys, never remove one, and tell it where they are. */
  grantReadWrite(fn: PipelineFunction): void {
    const calls = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];
    fn.addToRolePolicy(new PolicyStatement({ actions: calls, resources: [this.table.tableArn] }));
    fn.addEnvironment(ENVIRONMENT.stateTable, this.table.tableName);
  }

  /** Let `fn` read rows by their keys, and tell it where they are. */
  grantRead(fn: PipelineFunction): void {
    const calls = ['dynamodb:GetItem', 'dynamodb:Query'];
    fn.addToRolePolicy(new PolicyStatement({ actions: calls, resources: [this.table.tableArn] }));
    fn.addEnvironment(ENVIRONMENT.stateTable, this.table.tableName);
  }

  /** Let `fn` list all rows of a kind, and tell it where they are. */
  grantList(fn: PipelineFunction): void {
    const index = `${this.table.tableArn}/index/${STATE_INDEX}`;
    fn.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:Query'], resources: [index] }));
    fn.addEnvironment(ENVIRONMENT.stateTable, this.table.tableName);
  }
}
