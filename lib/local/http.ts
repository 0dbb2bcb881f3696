import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An AWS service that we serve ourselves: REST calls over HTTP on 127.0.0.1. */
export interface LocalService {
  endpoint: string;
  close(): Promise<void>;
}

/** Serve `answer` on a free port. */
export async function serveCalls(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LocalService> {
  const server = createServer((request, response) => void answer(request, response));
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

/** Reply as AWS's REST services do: JSON, and the kind of an error in a header. */
export function sendReply(response: ServerResponse, status: number, body: object, errorType?: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  response.end(JSON.stringify(body));
}
