import {
  Family,
  ISOLATED_ENDPOINTS,
  JOB_VCPUS,
  type LockedModel,
  type PreflightFinding,
  type StageConfig,
  stackOfStage,
} from '../../contracts/index.ts';
import type { Market } from './account.ts';

/** Where the files of the base model were found: in the checkout, so that they go into the image, or in the library. */
export interface ModelSeen {
  locked: LockedModel | undefined;
  /** Files of the lock that are neither in the models folder, as they were locked, nor in the library. */
  missing: readonly string[];
  /** False before the first deploy: there is no library yet that could hold them. */
  library: boolean;
}

/** All that the preflight judges. `undefined` is what could not be learned, or is not there. */
export interface PreflightFacts {
  stage: string;
  config: StageConfig;
  place: { account: string; region: string };
  quotas: Record<Market, number | undefined>;
  bootstrap: number | undefined;
  model: ModelSeen;
  /** Whether the program that builds images answers. */
  docker: boolean;
  /** CloudFormation's word for how the stack stands, where there is one. */
  stackStatus: string | undefined;
}

/** What CDK's templates of this version ask of the bootstrap stack. */
const BOOTSTRAP_NEEDED = 6;

const QUOTA_WORDS: Record<Market, { code: string; title: string; without: string }> = {
  spot: {
    code: 'quota_spot',
    title: 'All G and VT Spot Instance Requests',
    without: 'no job starts on the spot market',
  },
  onDemand: {
    code: 'quota_on_demand',
    title: 'Running On-Demand G and VT instances',
    without: 'a job that finds no spot machine fails',
  },
};

/** Dollars of one interface endpoint in one zone for an hour, and hours of a month: us-east-1, June 2026. */
const ENDPOINT_DOLLARS = 0.01;
const MONTH_HOURS = 730;

/** Say of everything that was looked at whether it stands in the way of a deploy, and what to do. */
export function judge(facts: PreflightFacts): PreflightFinding[] {
  const { account, region } = facts.place;
  return [
    { code: 'account', level: 'fine', sentence: `Account ${account}, region ${region}.` },
    judgeBootstrap(facts),
    ...judgeStack(facts),
    judgeQuota('spot', facts),
    judgeQuota('onDemand', facts),
    ...judgeModel(facts),
    facts.docker
      ? { code: 'docker', level: 'fine', sentence: 'Docker answers: the worker’s image can be built here.' }
      : {
          code: 'docker',
          level: 'stop',
          sentence: 'Docker does not answer: the worker’s image cannot be built here.',
          next: 'Start Docker, or set CDK_DOCKER to a program that takes its commands, such as podman.',
        },
    ...judgeNetwork(facts.config),
  ];
}

export const stops = (findings: readonly PreflightFinding[]): boolean => findings.some(({ level }) => level === 'stop');

function judgeBootstrap({ bootstrap, place: { account, region } }: PreflightFacts): PreflightFinding {
  const next = `Run \`npx cdk bootstrap aws://${account}/${region}\`, once for the account and region.`;
  if (bootstrap === undefined) {
    return { code: 'bootstrap', level: 'stop', sentence: 'CDK has no place here for images and code yet.', next };
  }
  if (!(bootstrap >= BOOTSTRAP_NEEDED)) {
    const sentence = `CDK’s bootstrap stack is of version ${bootstrap}; ${BOOTSTRAP_NEEDED} is needed.`;
    return { code: 'bootstrap', level: 'stop', sentence, next };
  }
  return { code: 'bootstrap', level: 'fine', sentence: `CDK is bootstrapped here, version ${bootstrap}.` };
}

function judgeStack({ stackStatus, stage, place: { region } }: PreflightFacts): PreflightFinding[] {
  // A review is a stack of which nothing was made yet: the CDK makes it as if it were not there.
  if (stackStatus === undefined || stackStatus === 'REVIEW_IN_PROGRESS') return [];
  if (stackStatus.endsWith('_IN_PROGRESS')) {
    const next = 'Wait until it is done; the events are in the CloudFormation console.';
    return [{ code: 'stack', level: 'stop', sentence: `The stack is being changed: ${stackStatus}.`, next }];
  }
  if (stackStatus === 'UPDATE_ROLLBACK_FAILED') {
    const command = `aws cloudformation continue-update-rollback --stack-name ${stackOfStage(stage)} --region ${region}`;
    const next = `Read in its events why, mend that, run \`${command}\`, and deploy again when it is done. Nothing need be destroyed.`;
    const sentence = `The stack’s last update was not taken back whole: ${stackStatus}.`;
    return [{ code: 'stack', level: 'stop', sentence, next }];
  }
  if (
    stackStatus === 'ROLLBACK_COMPLETE' ||
    stackStatus.endsWith('ROLLBACK_FAILED') ||
    stackStatus === 'DELETE_FAILED'
  ) {
    const next = `Read in its events why, then \`troupe destroy --stage ${stage}\` and deploy again.`;
    return [{ code: 'stack', level: 'stop', sentence: `The stack cannot be updated: ${stackStatus}.`, next }];
  }
  return [{ code: 'stack', level: 'fine', sentence: `The stack stands: ${stackStatus}. It will be updated.` }];
}

function judgeQuota(market: Market, { quotas, config: { maxvCpus } }: PreflightFacts): PreflightFinding {
  const { code, title, without } = QUOTA_WORDS[market];
  const quota = quotas[market];
  const next = `Ask for ${maxvCpus} in the console: Service Quotas, Amazon EC2, "${title}". It takes hours to days.`;
  if (quota === undefined) {
    return { code, level: 'advice', sentence: `AWS does not tell the quota "${title}".`, next: `Look it up. ${next}` };
  }
  if (quota < JOB_VCPUS) {
    const sentence = `The quota "${title}" is ${quota} vCPUs and one job needs ${JOB_VCPUS}: ${without}.`;
    return { code, level: 'stop', sentence, next };
  }
  if (quota < maxvCpus) {
    const machines = Math.floor(quota / JOB_VCPUS);
    const sentence = `The quota "${title}" is ${quota} vCPUs: ${machines} of the stage’s ${maxvCpus / JOB_VCPUS} GPUs at once.`;
    return { code, level: 'advice', sentence, next };
  }
  return { code, level: 'fine', sentence: `The quota "${title}" is ${quota} vCPUs.` };
}

function judgeModel({ config: { baseModel, use }, model }: PreflightFacts): PreflightFinding[] {
  const { locked, missing, library } = model;
  if (locked === undefined || !Family.safeParse(locked.family).success) {
    const sentence = `The lock file has no base model ${baseModel}.`;
    const next = `\`troupe model add <folder> --name ${baseModel} --licence <licence>\`, or name another in bin/stages.ts.`;
    return [{ code: 'model', level: 'stop', sentence, next }];
  }
  const add = `\`troupe model add <folder> --name ${baseModel}\` uploads it.`;
  const presence: PreflightFinding =
    missing.length === 0
      ? { code: 'model', level: 'fine', sentence: `The base model ${baseModel} is here, as it was locked.` }
      : {
          code: 'model',
          level: library ? 'stop' : 'advice',
          sentence: `${missing.length} files of the base model ${baseModel} are neither here nor in the library: ${missing[0]}.`,
          next: library ? add : `Deploy first, which makes the library; then ${add}`,
        };
  const licence: PreflightFinding =
    use === 'commercial' && !locked.commercialUse
      ? {
          code: 'licence',
          level: 'stop',
          sentence: `The licence of ${baseModel} (${locked.licence}) allows no commercial use, which the stage declares.`,
          next: 'Use another base model, or declare `use: research` in bin/stages.ts if that is what the pictures are for.',
        }
      : {
          code: 'licence',
          level: 'fine',
          sentence: `The licence of ${baseModel}, ${locked.licence}, allows ${use} use.`,
        };
  return [presence, licence];
}

function judgeNetwork({ isolated }: StageConfig): PreflightFinding[] {
  if (!isolated) return [];
  const { services, zones } = ISOLATED_ENDPOINTS;
  const dollars = (services * zones * ENDPOINT_DOLLARS * MONTH_HOURS).toFixed(0);
  return [
    {
      code: 'endpoints',
      level: 'advice',
      sentence:
        `The isolated network costs about $${dollars} a month, used or not: ${services} interface endpoints in ${zones} zones ` +
        `at $${ENDPOINT_DOLLARS} an hour (us-east-1; other regions differ), and $0.01 for each gigabyte through them.`,
      next: 'Set `isolated: false` in bin/stages.ts for hosts in public subnets, which cost nothing while idle.',
    },
  ];
}
