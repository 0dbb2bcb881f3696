// Loaded before a function's bundle: writes down every call that leaves the process, as one JSON line in $RECORDED_CALLS.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const { AWS_LAMBDA_FUNCTION_NAME: by, AWS_LAMBDA_RUNTIME_API: runtime, RECORDED_CALLS: file } = process.env;

subscribe('http.client.request.created', ({ request }) => {
  if (request.getHeader('host') === runtime) return;
  const target = request.getHeader('x-amz-target');
  // The bodies of S3 are pictures, and its addresses say all.
  const isRead = target !== undefined || /^\/(v1|schedules)\//.test(request.path);
  const parts = [];
  const keep = (part) => {
    if (isRead && part !== undefined && part !== null && typeof part !== 'function') parts.push(Buffer.from(part));
  };
  const { write, end } = request;
  request.write = (part, ...rest) => {
    keep(part);
    return write.call(request, part, ...rest);
  };
  request.end = (part, ...rest) => {
    keep(part);
    return end.call(request, part, ...rest);
  };
  request.once('response', ({ statusCode: status }) => {
    note({ method: request.method, path: request.path, target, body: Buffer.concat(parts).toString('utf8'), status });
  });
});

// What is signed by hand is sent by fetch.
const { fetch } = globalThis;
globalThis.fetch = async (url, init = {}) => {
  const answer = await fetch(url, init);
  const { pathname, search } = new URL(url);
  note({ method: init.method ?? 'GET', path: `${pathname}${search}`, body: init.body ?? '', status: answer.status });
  return answer;
};

function note(call) {
  appendFileSync(file, `${JSON.stringify({ by, ...call })}\n`);
}
