import { CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import type { CloudChoice } from './cloud.ts';
import { KnownError } from './errors.ts';
import type { Address } from './live-cloud.ts';
import type { LocalControl } from './local-control.ts';
import { explainNoCredentials } from './no-credentials.ts';
import { DEFAULT_STACK, pickOutputs } from './stack.ts';

/** The cloud that a person means: a deployed stack when they name an account in any way, else the local one. */
export async function findCloud(choice: CloudChoice, local: LocalControl): Promise<Address> {
  if (choice.profile === undefined && choice.region === undefined && choice.stack === undefined) {
    const address = await local.address();
    if (address) return address;
    throw new KnownError(
      'no_cloud',
      'No local cloud is up, and no deployed one was named.\n' +
        'Start a local one with `troupe local up`, or name a deployed one with --stack, --region and --profile.',
    );
  }
  return findStack(choice);
}

async function findStack({ profile, region, stack = DEFAULT_STACK }: CloudChoice): Promise<Address> {
  const client = new CloudFormationClient({ ...(profile && { profile }), ...(region && { region }) });
  const where = `stack ${stack}${region ? ` in ${region}` : ''}`;
  const outputs = new Map<string, string>();
  try {
    for await (const page of paginateDescribeStacks({ client }, { StackName: stack })) {
      for (const { OutputKey = '', OutputValue = '' } of page.Stacks?.[0]?.Outputs ?? [])
        outputs.set(OutputKey, OutputValue);
    }
  } catch (error) {
    throw translate(error as Error, where);
  }
  return {
    where,
    outputs: pickOutputs(Object.fromEntries(outputs), where),
    clientSettings: { region: await client.config.region(), ...(profile && { profile }) },
  };
}

/** What CloudFormation and the credential chain say, in our words. */
function translate(error: Error, where: string): Error {
  // CloudFormation has no error of its own for a stack that does not exist.
  if (error.name === 'ValidationError') {
    return new KnownError('stack_missing', `There is no ${where}: ${error.message}`, { cause: error });
  }
  return explainNoCredentials(error) ?? error;
}
