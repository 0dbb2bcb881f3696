import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FunctionPlan } from '../blueprint.ts';
import { keysOf } from '../identity.ts';
import type { LogStream } from '../logs.ts';
import { eachLine } from '../processes/lines.ts';
import { type Group, launch } from '../processes/spawn.ts';
import type { LambdaWorld } from './function.ts';
import { type Answer, RuntimeApi } from './runtime-api.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
/** Loading a bundle has its own time, as on AWS; ours is longer, because the machine may be busy with a GPU job. */
const INIT_SECONDS = 60;

let born = 0;

/** One execution environment: a process that handles one invocation at a time, warm in between. */
export class LambdaChild {
  readonly #plan: FunctionPlan;
  readonly #world: LambdaWorld;
  readonly #api: RuntimeApi;
  readonly #group: Group;
  readonly #log: LogStream;
  readonly #ended: Promise<Answer>;
  readonly #accessKey: string;
  #dead = false;

  private constructor(
    plan: FunctionPlan,
    world: LambdaWorld,
    parts: { api: RuntimeApi; group: Group; log: LogStream; accessKey: string; home: string },
  ) {
    this.#plan = plan;
    this.#world = world;
    this.#api = parts.api;
    this.#group = parts.group;
    this.#log = parts.log;
    this.#accessKey = parts.accessKey;
    const output = eachLine([parts.group.stdout, parts.group.stderr], (line) => this.#log.write(line));
    this.#ended = parts.group.ended.then(async ({ code, signal, error }) => {
      this.#dead = true;
      this.#api.close();
      world.callers.delete(this.#accessKey);
      await output;
      this.#log.close();
      await rm(parts.home, { recursive: true, force: true });
      const how = error?.message ?? (signal === undefined ? `exit status ${code}` : `signal ${signal}`);
      return { ok: false, errorType: 'Runtime.ExitError', errorMessage: `the process ended: ${how}` };
    });
  }

  /** Start a process for the function. Its environment is made from nothing: no key or profile of ours gets in. */
  static async start(plan: FunctionPlan, world: LambdaWorld): Promise<LambdaChild> {
    born += 1;
    const api = await RuntimeApi.listen();
    const keys = keysOf(`FN${born}`);
    const stream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const home = join(world.stateDir, 'tmp', `${plan.name}-${born}`);
    await mkdir(home, { recursive: true });
    const group = launch(
      {
        what: plan.name,
        command: process.execPath,
        args: [BOOTSTRAP],
        cwd: plan.directory,
        env: {
          ...plan.environment,
          ...world.environment,
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMb),
          AWS_LAMBDA_FUNCTION_NAME: plan.name,
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          AWS_LAMBDA_LOG_GROUP_NAME: plan.logGroup,
          AWS_LAMBDA_LOG_STREAM_NAME: stream,
          AWS_LAMBDA_RUNTIME_API: api.address,
          HOME: home,
          LAMBDA_TASK_ROOT: plan.directory,
          LANG: 'en_US.UTF-8',
          TMPDIR: home,
          TZ: 'UTC',
          _HANDLER: plan.handler,
        },
      },
      world.ledger,
    );
    const log = world.logBook.open(plan.logGroup, stream, join('functions', `${plan.name}.log`));
    return new LambdaChild(plan, world, { api, group, log, accessKey: keys.accessKeyId, home });
  }

  get pid(): number {
    return this.#group.pid;
  }

  /** Whether the child can take another invocation. */
  get usable(): boolean {
    return !this.#dead;
  }

  /** Wait until the bundle is loaded; a bundle that cannot be is an answer that is not ok, and the end of the child. */
  async ready(): Promise<Answer> {
    return this.#orKill(this.#api.ready, INIT_SECONDS);
  }

  /** Run one invocation; when the function's time is over the child is killed, as AWS does. */
  async invoke(event: unknown, requestId: string): Promise<Answer> {
    this.#world.callers.set(this.#accessKey, { function: this.#plan.name, pid: this.pid, requestId });
    const { timeoutSeconds, arn } = this.#plan;
    const started = Date.now();
    this.#log.write(`START RequestId: ${requestId} Version: $LATEST`);
    const deadlineMs = started + timeoutSeconds * 1_000;
    const answer = await this.#orKill(
      this.#api.invoke({ requestId, functionArn: arn, deadlineMs, event }),
      timeoutSeconds,
    );
    this.#log.write(`REPORT RequestId: ${requestId} Duration: ${Date.now() - started} ms`);
    return answer;
  }

  async kill(): Promise<void> {
    this.#dead = true;
    this.#group.signal('SIGKILL');
    await this.#ended;
  }

  async #orKill(work: Promise<Answer>, seconds: number): Promise<Answer> {
    const watch = new AbortController();
    const late = sleep(seconds * 1_000, 'late' as const, { signal: watch.signal }).catch(() => 'late' as const);
    const first = await Promise.race([work, this.#ended, late]);
    watch.abort();
    if (first !== 'late') return first;
    await this.kill();
    const errorMessage = `Task timed out after ${seconds.toFixed(2)} seconds`;
    this.#log.write(errorMessage);
    return { ok: false, errorType: 'Sandbox.Timedout', errorMessage };
  }
}
