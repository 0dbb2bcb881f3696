import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ScheduleHome } from '../../lib/contracts/index.ts';
import { CallerError } from './errors.ts';
import type { Schedules, WantedSchedule } from './ports.ts';
import { call } from './sdk.ts';

class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super('sha256', secret);
  }
}

/** EventBridge Scheduler: schedules in one group, which send to one queue through one role. */
export function createSchedules(home: ScheduleHome, environment = process.env): Schedules {
  const region = environment.AWS_REGION ?? '';
  const { AWS_ENDPOINT_URL_SCHEDULER, AWS_ENDPOINT_URL } = environment;
  const endpoint = new URL(
    AWS_ENDPOINT_URL_SCHEDULER ?? AWS_ENDPOINT_URL ?? `https://scheduler.${region}.amazonaws.com`,
  );
  const signer = new SignatureV4({ credentials: defaultProvider(), region, service: 'scheduler', sha256: Sha256 });

  /** Send one request and return its answer's status. Signed by hand: the service's own client is not worth its megabytes here. */
  const send = (method: 'POST' | 'PUT' | 'DELETE', name: string, content?: object): Promise<Answer> =>
    call(async ({ abortSignal }) => {
      const query: Record<string, string> = method === 'DELETE' ? { groupName: home.group } : {};
      const body = content === undefined ? '' : JSON.stringify(content);
      const signed = await signer.sign({
        ...{
          method,
          query,
          body,
          protocol: endpoint.protocol,
          hostname: endpoint.hostname,
          path: `/schedules/${name}`,
        },
        headers: { host: endpoint.host, 'content-type': 'application/json' },
      });
      const url = new URL(`/schedules/${name}?${new URLSearchParams(query)}`, endpoint);
      const answer = await fetch(url, {
        ...{ method, headers: signed.headers, signal: abortSignal ?? null },
        ...(body === '' ? {} : { body }),
      }).catch((error) => {
        // fetch wraps what the connection said, and that is what tells whether another try may help.
        throw (error as Error).cause ?? error;
      });
      const text = await answer.text();
      const status = answer.status;
      if (status < 300 || status === 404 || status === 409 || status === 400) return { status, text };
      // Named as the SDK names things, so that `call` tells what may pass from what will not.
      throw Object.assign(new Error(`Scheduler answered ${status}`), { $metadata: { httpStatusCode: status } });
    });

  return {
    async put(wanted) {
      const content = contentOf(wanted, home);
      let answer = await send('PUT', wanted.name, content);
      if (answer.status === 404) answer = await send('POST', wanted.name, { ...content, ClientToken: wanted.token });
      // Somebody made it between the two.
      if (answer.status === 409) answer = await send('PUT', wanted.name, content);
      if (answer.status === 400) throw new CallerError('campaign_invalid', sentenceOf(answer.text));
      if (answer.status >= 300) throw new Error(`Scheduler answered ${answer.status}`);
    },
    async remove(name) {
      const { status } = await send('DELETE', name);
      if (status >= 300 && status !== 404) throw new Error(`Scheduler answered ${status}`);
    },
  };
}

interface Answer {
  status: number;
  text: string;
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1_000);

function contentOf({ when, timezone, from, until, message }: WantedSchedule, home: ScheduleHome): object {
  return {
    GroupName: home.group,
    ScheduleExpression: when,
    ScheduleExpressionTimezone: timezone,
    ...(from === undefined ? {} : { StartDate: seconds(from) }),
    ...(until === undefined ? {} : { EndDate: seconds(until) }),
    FlexibleTimeWindow: { Mode: 'OFF' },
    // One that has nothing left to do goes away by itself.
    ActionAfterCompletion: 'DELETE',
    Target: {
      Arn: home.queue,
      RoleArn: home.role,
      Input: JSON.stringify(message),
      // Without it a tick that cannot be delivered within a day is dropped without a word.
      DeadLetterConfig: { Arn: home.deadLetters },
    },
  };
}

function sentenceOf(text: string): string {
  let problem: unknown;
  try {
    problem = (JSON.parse(text) as { Message?: unknown; message?: unknown }).Message ?? JSON.parse(text).message;
  } catch {
    // Not JSON: nothing to quote.
  }
  return `The schedule cannot be kept: ${typeof problem === 'string' ? problem.slice(0, 300) : 'EventBridge Scheduler refuses it'}`;
}
