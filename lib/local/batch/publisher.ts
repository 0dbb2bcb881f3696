import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { describeJob } from './describe.ts';
import type { Job } from './job.ts';

const MOST_PER_CALL = 10;

/**
 * Announces job state changes on the default bus, in order. AWS keeps sources that begin with `aws.` for itself; the
 * local server takes them, so this stands in the runner and nowhere else.
 */
export class JobPublisher {
  readonly #events: EventBridgeClient;
  #waiting: PutEventsRequestEntry[] = [];
  #sending: Promise<void> | undefined;

  constructor(events: EventBridgeClient) {
    this.#events = events;
  }

  announce(job: Job): void {
    this.#waiting.push({
      Source: 'aws.batch',
      DetailType: 'Batch Job State Change',
      Resources: [job.arn],
      // Described now: the job goes on changing while the event waits its turn.
      Detail: JSON.stringify(describeJob(job)),
    });
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.slice(0, MOST_PER_CALL);
      try {
        await this.#events.send(new PutEventsCommand({ Entries: entries }));
      } catch {
        // Only when the server is going away; the SDK has tried again by itself.
        this.#waiting = [];
        break;
      }
      this.#waiting = this.#waiting.slice(entries.length);
    }
    this.#sending = undefined;
  }
}
