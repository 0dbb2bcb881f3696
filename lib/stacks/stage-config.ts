import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What one deployment of Troupe may be told. Everything else follows from it. */
export interface StageConfig {
  /** GPU hosts without any way to the internet, at the monthly price of seven interface endpoints in each zone. */
  readonly isolated: boolean;
  /** Name of the base model in `models.lock.json`. */
  readonly baseModel: string;
  /** Most vCPUs of GPU machines at once, four to a GPU. */
  readonly maxvCpus: number;
  /** Pictures that one worker draws: a campaign of more is an array job. */
  readonly cellsPerShard: number;
  /** Whether buckets and table stay when the stack goes. */
  readonly keepData: boolean;
  readonly logRetention: RetentionDays;
}
