import { join } from 'node:path';
import type { Assembly } from './assembly.ts';
import { BatchApi } from './batch/api.ts';
import { JobEngine } from './batch/engine.ts';
import { type ImageProgram, programOf } from './batch/images.ts';
import { JobPublisher } from './batch/publisher.ts';
import { serveBatch } from './batch/server.ts';
import { countGpus } from './batch/slots.ts';
import type { Blueprint } from './blueprint.ts';
import type { Clients } from './clients.ts';
import { childEnvironment } from './environment.ts';
import { EventRouter } from './events/router.ts';
import { FaultInjector } from './faults/injector.ts';
import type { FaultPlan } from './faults/plan.ts';
import type { LocalService } from './http.ts';
import { createAsyncInvoker, invocationQueueName, invocationVisibilitySeconds } from './lambda/async.ts';
import { type Caller, LambdaFunction } from './lambda/function.ts';
import { createMapping } from './lambda/mapping.ts';
import { LogBook } from './logs.ts';
import type { ProcessLedger } from './processes/ledger.ts';
import { createHiddenQueue, QueueAddresses } from './queues/hidden.ts';
import type { QueuePoller } from './queues/poller.ts';
import { SchedulerApi } from './schedules/api.ts';
import { ScheduleClock } from './schedules/clock.ts';
import { serveScheduler } from './schedules/server.ts';
import type { Trace } from './trace.ts';

export interface EnginePlan {
  assembly: Assembly;
  blueprint: Blueprint;
  clients: Clients;
  images: ImageProgram[];
  ledger: ProcessLedger;
  trace: Trace;
  faults: FaultPlan;
  /** The clock that schedules go by. */
  now(): Date;
  stateDir: string;
  /** Where moto answers. */
  aws: string;
}

/** Everything that we run ourselves, once it runs. */
export interface Engines {
  batchEndpoint: string;
  schedulerEndpoint: string;
  stop(): Promise<void>;
}

/** Start the Batch endpoint, the functions with what invokes them, the router and the clock. */
export async function startEngines(plan: EnginePlan): Promise<Engines> {
  const { assembly, blueprint, clients, ledger, trace, stateDir } = plan;
  const logBook = new LogBook(join(stateDir, 'logs'), clients);
  const callers = new Map<string, Caller>();
  const addresses = new QueueAddresses(clients.sqs);
  const faults = new FaultInjector(plan.faults, trace);
  // The job engine starts processes with the endpoint that its own server gets: one table, completed below.
  const environment: Record<string, string> = {};
  const jobs = new JobEngine({
    stateDir,
    environment,
    ledger,
    logBook,
    trace,
    faults,
    programs: new Map(
      blueprint.jobDefinitions.map(({ arn, image }) => [arn, programOf(image, assembly, plan.images)] as const),
    ),
    publisher: new JobPublisher(clients.events),
    gpus: countGpus(),
  });
  const batch = await serveBatch(new BatchApi(blueprint, jobs, trace), callers, faults);
  let schedules: SchedulerApi | undefined;
  const scheduler = await serveScheduler(() => schedules);
  const endpoints = { aws: plan.aws, batch: batch.endpoint, scheduler: scheduler.endpoint };
  Object.assign(environment, childEnvironment(endpoints, assembly.region));

  const world = { stateDir, environment, ledger, logBook, trace, callers };
  const functions = new Map(blueprint.functions.map((one) => [one.name, new LambdaFunction(one, world)] as const));
  const { account, region } = assembly;
  const router = new EventRouter(
    {
      clients,
      addresses,
      trace,
      faults,
      account,
      region,
      invocationQueueArn: (arn) => `arn:aws:sqs:${region}:${account}:${invocationQueueName(arn.split(':')[6] ?? '')}`,
    },
    blueprint.rules,
  );
  const clock = new ScheduleClock(
    { trace, faults, account, region, now: plan.now, deliver: (...delivery) => router.deliver(...delivery) },
    blueprint.schedules,
    blueprint.rules,
  );
  const places = { account, region, groups: blueprint.scheduleGroups, now: plan.now };
  schedules = new SchedulerApi(clock, places, blueprint.schedules);
  const pollers = [
    ...(await asyncInvokers(blueprint, functions, clients, addresses)),
    ...(await mappings(blueprint, functions, clients, addresses, region, faults)),
  ];
  for (const poller of pollers) poller.start();
  await router.start(blueprint.busNames);
  clock.start();
  return {
    batchEndpoint: batch.endpoint,
    schedulerEndpoint: scheduler.endpoint,
    stop: () => stopAll({ faults, clock, pollers, router, functions, jobs, batch, scheduler, logBook }),
  };
}

/** One hidden queue and its loop for each function that a rule or a schedule invokes. */
async function asyncInvokers(
  blueprint: Blueprint,
  functions: Map<string, LambdaFunction>,
  { sqs }: Clients,
  addresses: QueueAddresses,
): Promise<QueuePoller[]> {
  const targets = [
    ...blueprint.rules.flatMap((rule) => rule.targets),
    ...blueprint.schedules.map(({ target }) => target),
  ];
  const invoked = [...functions.values()].filter(({ plan }) => targets.some(({ arn }) => arn === plan.arn));
  return Promise.all(
    invoked.map(async (target) => {
      const visibility = invocationVisibilitySeconds(target.plan.timeoutSeconds);
      const url = await createHiddenQueue(sqs, invocationQueueName(target.plan.name), visibility);
      return createAsyncInvoker(url, target, sqs, addresses);
    }),
  );
}

async function mappings(
  blueprint: Blueprint,
  functions: Map<string, LambdaFunction>,
  { sqs }: Clients,
  addresses: QueueAddresses,
  region: string,
  faults: FaultInjector,
): Promise<QueuePoller[]> {
  return Promise.all(
    blueprint.mappings.map(async (mapping) => {
      const url = await addresses.urlOf(mapping.queueArn);
      return createMapping(mapping, url, region, functions.get(mapping.functionName) as LambdaFunction, sqs, faults);
    }),
  );
}

interface Running {
  faults: FaultInjector;
  clock: ScheduleClock;
  pollers: QueuePoller[];
  router: EventRouter;
  functions: Map<string, LambdaFunction>;
  jobs: JobEngine;
  batch: LocalService;
  scheduler: LocalService;
  logBook: LogBook;
}

/** Nothing new starts first, then what runs is ended; a batch whose function is killed simply fails. */
async function stopAll({
  faults,
  clock,
  pollers,
  router,
  functions,
  jobs,
  batch,
  scheduler,
  logBook,
}: Running): Promise<void> {
  clock.stop();
  faults.stop();
  const quiet = Promise.all([router.stop(), ...pollers.map((poller) => poller.stop())]);
  await Promise.all([jobs.stop(), ...[...functions.values()].map((one) => one.stop())]);
  await quiet;
  await Promise.all([batch.close(), scheduler.close()]);
  await logBook.flush();
  await logBook.close();
}
