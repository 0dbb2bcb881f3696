import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LocalCloudError } from '../errors.ts';
import type { FaultInjector } from '../faults/injector.ts';
import { accessKeyOf } from '../identity.ts';
import { asObject, asText } from '../json.ts';
import type { Caller } from '../lambda/function.ts';
import type { BatchApi } from './api.ts';
import { ClientException } from './errors.ts';

/** The Batch endpoint: the service's REST calls over HTTP on 127.0.0.1. */
export interface BatchServer {
  endpoint: string;
  close(): Promise<void>;
}

/** Serve the calls on a free port; `callers` tells which process signed a request. */
export async function serveBatch(
  api: BatchApi,
  callers: ReadonlyMap<string, Caller>,
  faults: FaultInjector,
): Promise<BatchServer> {
  const server = createServer((request, response) => void answer(request, response, { api, callers, faults }));
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
  { api, callers, faults }: { api: BatchApi; callers: ReadonlyMap<string, Caller>; faults: FaultInjector },
): Promise<void> {
  try {
    const body = await text(request);
    const action = /^\/v1\/([a-z]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const caller = callers.get(accessKeyOf(request.headers.authorization) ?? '');
    const asked = asObject(JSON.parse(body === '' ? '{}' : body));
    const reply = api.call(action, asked, caller);
    if (reply === undefined) throw new ClientException(`the local cloud has no Batch call ${request.url}`);
    if (action === 'submitjob' && faults.losesReply(asText(asked.jobName) ?? '')) request.destroy();
    else send(response, 200, reply);
  } catch (error) {
    const wrong = [ClientException, LocalCloudError, SyntaxError].some((kind) => error instanceof kind);
    const [status, type] = wrong ? [400, 'ClientException'] : [500, 'ServerException'];
    send(response, status, { message: String((error as Error).message) }, type);
  }
}

function send(response: ServerResponse, status: number, body: object, errorType?: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  response.end(JSON.stringify(body));
}
