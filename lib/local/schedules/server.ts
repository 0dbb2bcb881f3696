import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type LocalService, sendReply, serveCalls } from '../http.ts';
import { asObject } from '../json.ts';
import { type SchedulerApi, SchedulerError } from './api.ts';

/** Serve the calls on a free port. The API is handed in later: functions need the address before there is a clock. */
export async function serveScheduler(api: () => SchedulerApi | undefined): Promise<LocalService> {
  return serveCalls((request, response) => answer(request, response, api()));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  api: SchedulerApi | undefined,
): Promise<void> {
  try {
    const body = await text(request);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const name = /^\/schedules\/([^/]+)$/.exec(url.pathname)?.[1];
    const asked = asObject(JSON.parse(body === '' ? '{}' : body));
    const group = url.searchParams.get('groupName') ?? undefined;
    const reply =
      name === undefined ? undefined : api?.call(request.method ?? '', decodeURIComponent(name), group, asked);
    if (reply === undefined) {
      throw new SchedulerError('ValidationException', `the local cloud has no call ${request.method} ${request.url}`);
    }
    sendReply(response, 200, reply);
  } catch (error) {
    const { name, message } = error as Error;
    if (error instanceof SchedulerError) sendReply(response, error.status, { Message: message }, name);
    else sendReply(response, error instanceof SyntaxError ? 400 : 500, { Message: message }, 'InternalServerException');
  }
}
