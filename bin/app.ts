#!/usr/bin/env node
/** The CDK app: `cdk synth -c stage=production -c models=/a/folder`, both with a default. Needs no account. */
import { resolve } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { BatchChecks } from '../lib/constructs/index.ts';
import { inRepository } from '../lib/constructs/repository.ts';
import { type StageConfig, TroupeStack } from '../lib/stacks/index.ts';

const stages: Record<string, StageConfig> = {
  /** To try things in: buckets and table go with the stack, once the buckets are emptied. */
  trial: {
    isolated: false,
    baseModel: 'paperdoll',
    maxvCpus: 16,
    cellsPerShard: 32,
    keepData: false,
    logRetention: RetentionDays.TWO_WEEKS,
  },
  production: {
    isolated: false,
    baseModel: 'paperdoll',
    maxvCpus: 64,
    cellsPerShard: 32,
    keepData: true,
    logRetention: RetentionDays.THREE_MONTHS,
  },
};

const app = new App({ analyticsReporting: false, context: featureFlags });
// What they find stops the synthesis: see lib/stacks/acknowledgements.ts for what is left as it is.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app), new BatchChecks());
const name: string = app.node.tryGetContext('stage') ?? 'trial';
const models: string = app.node.tryGetContext('models') ?? inRepository('models');
const stage = stages[name];
if (stage === undefined) throw new Error(`There is no stage "${name}"; there are ${Object.keys(stages).join(', ')}.`);

new TroupeStack(app, 'Troupe', {
  // Two stages may stand in one account.
  stackName: `troupe-${name}`,
  description: 'Troupe keeps a subject on model, from reference pictures to a campaign',
  config: stage,
  models: resolve(models),
});
