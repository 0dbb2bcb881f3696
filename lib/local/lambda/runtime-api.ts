import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { asObject, asText } from '../json.ts';

/** What a function answered, or why it did not. */
export type Answer = { ok: true; payload: unknown } | { ok: false; errorType: string; errorMessage: string };

/** One invocation on its way to a child. */
export interface Invocation {
  requestId: string;
  functionArn: string;
  deadlineMs: number;
  event: unknown;
}

/**
 * The Lambda Runtime API for one child: it hands out one invocation at a time and takes the answer.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly #server: Server;
  #waiting: ServerResponse | undefined;
  #next: Invocation | undefined;
  #answer: ((answer: Answer) => void) | undefined;
  /** Ends when the child first asks for work, or says why it cannot start. */
  readonly ready: Promise<Answer>;
  #settleReady: (answer: Answer) => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  static async listen(): Promise<RuntimeApi> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RuntimeApi(server);
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Give the child an event and wait for its answer; who waits also watches the clock and the child. */
  invoke(invocation: Invocation): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#next = invocation;
      this.#handOut();
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET' && path.endsWith('/invocation/next')) {
      this.#waiting = response;
      this.#settleReady({ ok: true, payload: null });
      this.#handOut();
      return;
    }
    const body = await text(request);
    if (path.endsWith('/response')) this.#finish({ ok: true, payload: parse(body) });
    else if (path.endsWith('/init/error')) this.#settleReady(failure(body));
    else if (path.endsWith('/error')) this.#finish(failure(body));
    response.writeHead(202).end('{"status":"OK"}');
  }

  #handOut(): void {
    if (this.#waiting === undefined || this.#next === undefined) return;
    const { requestId, functionArn, deadlineMs, event } = this.#next;
    this.#waiting.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': requestId,
      'Lambda-Runtime-Deadline-Ms': String(deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': functionArn,
    });
    this.#waiting.end(JSON.stringify(event));
    this.#waiting = undefined;
    this.#next = undefined;
  }

  #finish(answer: Answer): void {
    this.#answer?.(answer);
    this.#answer = undefined;
  }
}

function failure(body: string): Answer {
  const error = asObject(parse(body));
  return {
    ok: false,
    errorType: asText(error.errorType) ?? 'Error',
    errorMessage: asText(error.errorMessage) ?? body,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
