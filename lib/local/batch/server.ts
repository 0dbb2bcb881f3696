import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LocalCloudError } from '../errors.ts';
import type { FaultInjector } from '../faults/injector.ts';
import { type LocalService, sendReply, serveCalls } from '../http.ts';
import { accessKeyOf } from '../identity.ts';
import { asObject, asText } from '../json.ts';
import type { Caller } from '../lambda/function.ts';
import type { BatchApi } from './api.ts';
import { ClientException } from './errors.ts';

/** Serve the calls on a free port; `callers` tells which process signed a request. */
export async function serveBatch(
  api: BatchApi,
  callers: ReadonlyMap<string, Caller>,
  faults: FaultInjector,
): Promise<LocalService> {
  return serveCalls((request, response) => answer(request, response, { api, callers, faults }));
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
    // The connection, not the request: a request that has been read whole leaves its connection open, and the caller waiting.
    if (action === 'submitjob' && faults.losesReply(asText(asked.jobName) ?? '')) request.socket.destroy();
    else sendReply(response, 200, reply);
  } catch (error) {
    const wrong = [ClientException, LocalCloudError, SyntaxError].some((kind) => error instanceof kind);
    const [status, type] = wrong ? [400, 'ClientException'] : [500, 'ServerException'];
    sendReply(response, status, { message: String((error as Error).message) }, type);
  }
}
