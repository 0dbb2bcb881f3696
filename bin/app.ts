#!/usr/bin/env node
/** The CDK app: `cdk synth -c stage=production -c models=/a/folder`, both with a default. Needs no account. */
import { resolve } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { BatchChecks } from '../lib/constructs/index.ts';
import { inRepository } from '../lib/constructs/repository.ts';
import { stackOfStage } from '../lib/contracts/stage.ts';
import { TroupeStack } from '../lib/stacks/index.ts';
import { STAGES } from './stages.ts';

const app = new App({ analyticsReporting: false, context: featureFlags });
// What they find stops the synthesis: see lib/stacks/acknowledgements.ts for what is left as it is.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app), new BatchChecks());
const name: string = app.node.tryGetContext('stage') ?? 'trial';
const models: string = app.node.tryGetContext('models') ?? inRepository('models');
const stage = STAGES[name];
if (stage === undefined) throw new Error(`There is no stage "${name}"; there are ${Object.keys(STAGES).join(', ')}.`);

new TroupeStack(app, 'Troupe', {
  stackName: stackOfStage(name),
  description: 'Troupe keeps a subject on model, from reference pictures to a campaign',
  config: stage,
  models: resolve(models),
});
