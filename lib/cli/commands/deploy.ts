import { DeployDocument, STACK_OUTPUTS } from '../../contracts/index.ts';
import { defineCommand, type World } from '../command.ts';
import { lookAtModel } from '../deploy/base-model-seen.ts';
import { confirm, DEFAULT_STAGE, findStage } from '../deploy/place.ts';
import { judge, type PreflightFacts, stops } from '../deploy/preflight.ts';
import { KnownError } from '../errors.ts';
import { findingsText } from '../findings-text.ts';

/** Learn all that the preflight judges; nothing is changed. */
async function look(world: World, { stage, stack, config }: ReturnType<typeof findStage>): Promise<PreflightFacts> {
  const account = await world.deploys.account();
  // First, and alone: without an account nothing else can be asked.
  const place = await account.identity();
  const seen = await account.findStack(stack);
  const [spot, onDemand, bootstrap, model] = await Promise.all([
    account.vcpuQuota('spot'),
    account.vcpuQuota('onDemand'),
    account.bootstrapVersion(),
    lookAtModel(world.deploys.models, config.baseModel, account, seen?.outputs[STACK_OUTPUTS.libraryBucket]),
  ]);
  const docker = world.deploys.docker();
  return { stage, config, place, quotas: { spot, onDemand }, bootstrap, model, docker, stackStatus: seen?.status };
}

export const deploy = defineCommand({
  meta: { name: 'deploy', about: 'Check that a stage can be deployed in the account, then deploy it with the CDK' },
  args: {
    stage: { type: 'text', value: 'name', about: `a stage of bin/stages.ts (default: ${DEFAULT_STAGE})` },
    check: { type: 'flag', byDefault: false, about: 'only check; nothing is changed' },
    yes: { type: 'flag', byDefault: false, about: 'ask nothing' },
  },
  document: DeployDocument,
  async run({ stage: named, check, yes }, world) {
    const found = findStage(world, named);
    const { stage, stack } = found;
    const facts = await look(world, found);
    const findings = judge(facts);
    const document = { document: 'deploy' as const, stage, stack, ...facts.place, findings, deployed: false };
    if (check || stops(findings)) return document;
    world.tell(findingsText(findings));
    await confirm(world, yes, `Deploy ${stack} to account ${facts.place.account} in ${facts.place.region}?`);
    const approval = ['--require-approval', yes ? 'never' : 'broadening'];
    const status = await world.deploys.cdk(['deploy', '--all', '--context', `stage=${stage}`, ...approval]);
    if (status !== 0) {
      throw new KnownError(
        'deploy_failed',
        `\`cdk deploy\` ended with status ${status}; what it said is above. CloudFormation takes back what it had begun: ` +
          'mend the cause and deploy again.',
      );
    }
    return { ...document, deployed: true };
  },
  unmet: ({ findings }) => stops(findings),
  show({ stack, region, findings, deployed }) {
    if (deployed) return `${stack} is deployed in ${region}. \`troupe status --stack ${stack}\` shows what it does.`;
    const end = stops(findings)
      ? 'Nothing was deployed: mend what says STOP, then try again.'
      : 'Ready to be deployed: `troupe deploy`.';
    return `${findingsText(findings)}\n\n${end}`;
  },
});
