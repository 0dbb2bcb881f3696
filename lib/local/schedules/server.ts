import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { asObject } from '../json.ts';
import { type SchedulerApi, SchedulerError } from './api.ts';

/** The Scheduler endpoint: the service's REST calls over HTTP on 127.0.0.1. */
export interface SchedulerServer {
  endpoint: string;
  close(): Promise<void>;
}

/** Serve the calls on a free port. The API is handed in later: functions need the address before there is a clock. */
export async function serveScheduler(api: () => SchedulerApi | undefined): Promise<SchedulerServer> {
  const server = createServer((request, response) => void answer(request, response, api()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
    send(response, 200, reply);
  } catch (error) {
    const { name, message } = error as Error;
    if (error instanceof SchedulerError) send(response, error.status, { Message: message }, name);
    else send(response, error instanceof SyntaxError ? 400 : 500, { Message: message }, 'InternalServerException');
  }
}

function send(response: ServerResponse, status: number, body: object, errorType?: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  response.end(JSON.stringify(body));
}
