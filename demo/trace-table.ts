import { formatTable } from '../lib/cli/words.ts';
import type { Hop, TraceEntry } from '../lib/local/index.ts';

/** Where to begin and what to look for. */
export interface Journey {
  manifestKey: string;
  adapterKey: string;
  pictureKey: string;
  /** Where the picture is enlarged, which not every picture is. */
  largeKey: string;
  tuneJob: string;
  renderJob: string;
}

/** One line of the table: what happened, where, in which process, with which ids. */
interface Line {
  entry: TraceEntry | undefined;
  what: string;
  /** Of the messages that a function was given, the one that is followed. */
  message?: string | undefined;
}

/**
 * Follow one picture from the uploaded manifest to its scores, and to where people look at it. Where a hop repeats an id of the
 * one before (event, message, request, job), that id finds it; a message that a function sends has none, so the next batch taken
 * from its queue is meant.
 */
export function followPicture(trace: readonly TraceEntry[], journey: Journey): Line[] {
  const after = (line: Line, hop: Hop, matches: (entry: TraceEntry) => boolean): TraceEntry | undefined => {
    const start = line.entry === undefined ? trace.length : trace.indexOf(line.entry) + 1;
    return trace.slice(start).find((entry) => entry.hop === hop && matches(entry));
  };
  const created = (key: string): Line => ({
    what: 'S3 object',
    entry: trace.find((entry) => entry.hop === 'object.created' && entry.objectKey === key),
  });
  const routed = (object: Line): Line => ({
    what: 'EventBridge → SQS',
    entry: trace.find(({ hop, eventId }) => hop === 'event.routed' && eventId && eventId === object.entry?.eventId),
  });
  const taken = (message: Line): Line => ({
    what: 'SQS → Lambda',
    message: message.entry?.messageId,
    // Anywhere: a function may have taken the message before the line that tells of its delivery is written.
    entry: trace.find(
      ({ hop, messageIds = [] }) => hop === 'function.invoked' && messageIds.includes(message.entry?.messageId ?? '-'),
    ),
  });
  const job = (name: string): Line[] => {
    const named = (hop: Hop) => trace.find((entry) => entry.hop === hop && entry.jobName?.startsWith(name));
    const submitted = named('job.submitted');
    const starter = trace.find((entry) => entry.hop === 'function.invoked' && entry.requestId === submitted?.requestId);
    return [
      { what: 'SQS → Lambda', entry: starter },
      { what: 'Lambda → Batch', entry: submitted },
      { what: 'Batch → worker', entry: named('job.started') },
    ];
  };
  const ended = (name: string): Line[] => {
    const end: Line = {
      what: 'worker ended',
      entry: trace.findLast((entry) => entry.hop === 'job.ended' && entry.jobName?.startsWith(name)),
    };
    const message: Line = {
      what: 'EventBridge → SQS',
      entry: after(end, 'event.routed', ({ detailType }) => detailType === 'Batch Job State Change'),
    };
    return [end, message, taken(message)];
  };
  const manifest = created(journey.manifestKey);
  const manifestMessage = routed(manifest);
  const tuned = ended(journey.tuneJob);
  const fromEvents = new Set(trace.filter(({ hop }) => hop === 'event.routed').map(({ messageId }) => messageId));
  const planned: Line = {
    what: 'SQS → Lambda',
    entry: after(
      tuned.at(-1) as Line,
      'function.invoked',
      ({ queue = '', messageIds = [] }) => /campaign/i.test(queue) && messageIds.some((id) => !fromEvents.has(id)),
    ),
  };
  const picture = created(journey.pictureKey);
  const pictureMessage = routed(picture);
  const large = created(journey.largeKey);
  return [
    ...[manifest, manifestMessage, taken(manifestMessage)],
    ...job(journey.tuneJob),
    created(journey.adapterKey),
    ...tuned,
    planned,
    ...job(journey.renderJob),
    ...[picture, pictureMessage, taken(pictureMessage)],
    ...(large.entry ? [large] : []),
    ...ended(journey.renderJob),
  ];
}

/** The hops as a table. Times count from the first. */
export function traceTable(lines: readonly Line[]): string {
  const begin = Date.parse(lines[0]?.entry?.time ?? '');
  const rows = lines.map(({ what, entry, message }, index) => [
    String(index + 1),
    entry ? ((Date.parse(entry.time) - begin) / 1_000).toFixed(1) : '',
    what,
    entry ? placeOf(entry) : 'not seen',
    entry?.pid ? String(entry.pid) : '',
    entry ? idsOf(entry, message) : '',
  ]);
  return formatTable(['', 'seconds', 'hop', 'where', 'process', 'ids'], rows);
}

function placeOf({ hop, objectKey, queue, function: called, jobQueue, outcome, exitCode }: TraceEntry): string {
  if (hop === 'object.created') return objectKey ?? '';
  if (hop === 'event.routed') return plainName(queue);
  if (hop === 'function.invoked') return `${plainName(queue)} → ${plainName(called)}`;
  if (hop === 'job.submitted') return plainName(jobQueue);
  if (hop === 'job.ended') return `${outcome}, exit code ${exitCode ?? 'none'}`;
  return 'python -m troupe_worker';
}

function idsOf(
  { hop, eventId, messageId, messageIds, requestId, jobId, jobName }: TraceEntry,
  followed?: string,
): string {
  const short = (name: string, id: string | undefined): string[] => (id ? [`${name} ${id.slice(0, 8)}`] : []);
  if (hop.startsWith('job.')) return [...short('batch', jobId), jobName ?? ''].join(' ');
  const message = messageId ?? followed ?? messageIds?.[0];
  return [...short('event', eventId), ...short('message', message), ...short('request', requestId)].join('  ');
}

/** A name as the template gives it: without the stack before it and the hashes behind it. */
const plainName = (name = ''): string =>
  name
    .replace(/^troupe-[a-z]+-/, '')
    .replace(/-[0-9a-f]{8}$/, '')
    .replace(/[0-9A-F]{8}$/, '');
