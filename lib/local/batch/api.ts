import type { Blueprint } from '../blueprint.ts';
import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import type { Caller } from '../lambda/function.ts';
import type { Trace } from '../trace.ts';
import {
  describeComputeEnvironment,
  describeDefinition,
  describeJob,
  describeQueue,
  summariseJob,
} from './describe.ts';
import type { JobEngine } from './engine.ts';
import { ClientException } from './errors.ts';
import type { Job } from './job.ts';
import { glob } from './retry.ts';
import { findQueue, readSubmission } from './submit.ts';

const LARGEST_PAGE = 1_000;

/** The Batch calls that the local cloud answers, by the last part of their path. */
export class BatchApi {
  readonly #blueprint: Blueprint;
  readonly #engine: JobEngine;
  readonly #trace: Trace;
  readonly #jobs = new Map<string, Job>();

  constructor(blueprint: Blueprint, engine: JobEngine, trace: Trace) {
    this.#blueprint = blueprint;
    this.#engine = engine;
    this.#trace = trace;
  }

  /** Answer one call; undefined when there is no such call. */
  call(action: string, request: JsonObject, caller: Caller | undefined): object | undefined {
    switch (action) {
      case 'submitjob':
        return this.#submit(request, caller);
      case 'describejobs':
        return {
          jobs: asList(request.jobs)
            .flatMap((id) => this.#jobs.get(String(id)) ?? [])
            .map(describeJob),
        };
      case 'listjobs':
        return this.#list(request);
      case 'terminatejob':
        this.#engine.terminate(this.#find(request), reasonOf(request));
        return {};
      case 'canceljob':
        this.#engine.cancel(this.#find(request), reasonOf(request));
        return {};
      case 'describejobqueues':
        return { jobQueues: named(this.#blueprint.jobQueues, request.jobQueues).map(describeQueue) };
      case 'describejobdefinitions':
        return { jobDefinitions: this.#definitions(request).map(describeDefinition) };
      case 'describecomputeenvironments':
        return {
          computeEnvironments: named(this.#blueprint.computeEnvironments, request.computeEnvironments).map(
            describeComputeEnvironment,
          ),
        };
      default:
        return undefined;
    }
  }

  #submit(request: JsonObject, caller: Caller | undefined): object {
    const job = readSubmission(request, this.#blueprint);
    for (const one of [job, ...(job.children ?? [])]) this.#jobs.set(one.id, one);
    this.#trace.write({
      hop: 'job.submitted',
      jobId: job.id,
      jobName: job.name,
      jobQueue: job.queue.name,
      ...(job.children === undefined ? {} : { arraySize: job.children.length }),
      ...(caller ?? {}),
    });
    this.#engine.accept(job);
    return { jobArn: job.arn, jobName: job.name, jobId: job.id };
  }

  #list(request: JsonObject): object {
    const state = asText(request.jobStatus) ?? 'RUNNING';
    const filters = asList(request.filters).map(asObject);
    const [filter] = filters;
    if (filters.length > 1 || (filter !== undefined && filter.name !== 'JOB_NAME')) {
      throw new ClientException('the local cloud lists jobs by one JOB_NAME filter only');
    }
    // With a filter the state is not looked at, as on AWS.
    const wanted = (job: Job) =>
      filter === undefined
        ? job.state === state
        : asList(filter.values).some((value) => nameFits(String(value), job.name));
    const found = this.#candidates(request)
      .filter(wanted)
      .sort((left, right) => right.createdAt - left.createdAt);
    const start = asNumber(request.nextToken) ?? 0;
    const end = start + Math.min(asNumber(request.maxResults) ?? LARGEST_PAGE, LARGEST_PAGE);
    return {
      jobSummaryList: found.slice(start, end).map(summariseJob),
      ...(end < found.length ? { nextToken: String(end) } : {}),
    };
  }

  /** The jobs of a queue, or the children of an array. */
  #candidates(request: JsonObject): Job[] {
    const arrayJobId = asText(request.arrayJobId);
    if (arrayJobId !== undefined) return this.#jobs.get(arrayJobId)?.children ?? [];
    const queue = findQueue(asText(request.jobQueue) ?? '', this.#blueprint.jobQueues);
    return [...this.#jobs.values()].filter((job) => job.queue === queue && job.parent === undefined);
  }

  #definitions(request: JsonObject) {
    const name = asText(request.jobDefinitionName);
    const all = this.#blueprint.jobDefinitions;
    return name === undefined
      ? named(all, request.jobDefinitions)
      : all.filter((definition) => definition.name === name);
  }

  #find(request: JsonObject): Job {
    const job = this.#jobs.get(asText(request.jobId) ?? '');
    if (job === undefined) throw new ClientException(`Job ${asText(request.jobId)} does not exist`);
    return job;
  }
}

/** Those of `all` that the request names by name, name and revision, or ARN; all when it names none. */
function named<Named extends { name: string; arn: string }>(all: Named[], names: unknown): Named[] {
  const wanted = asList(names).map(String);
  if (wanted.length === 0) return all;
  return all.filter(({ name, arn }) => wanted.some((text) => text === arn || text.split(':')[0] === name));
}

/** A job's name against a filter's value: without regard to case, and a trailing asterisk stands for any ending. */
function nameFits(pattern: string, name: string): boolean {
  return glob(pattern.toLowerCase(), name.toLowerCase());
}

function reasonOf(request: JsonObject): string {
  const reason = asText(request.reason);
  if (reason === undefined) throw new ClientException('a reason is required');
  return reason;
}
