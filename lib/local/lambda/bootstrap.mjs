// The child's side of the Lambda Runtime API: load the handler, then ask for an invocation, run it, answer, again.
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const env = process.env;
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':');

// Plain http and not fetch: fetch gives up on a reply that takes five minutes, and an idle function waits longer.
const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path: `/2018-06-01/runtime/${path}` }, async (reply) => {
      const chunks = await reply.toArray();
      resolve({ headers: reply.headers, body: Buffer.concat(chunks).toString('utf8') });
    });
    outgoing.once('error', reject).end(body);
  }).catch(() => process.exit(0)); // The runner is gone, so there is nobody to work for.

const describe = (error) =>
  JSON.stringify({
    errorType: error?.name ?? 'Error',
    errorMessage: error?.message ?? String(error),
    trace: String(error?.stack ?? '').split('\n'),
  });

async function load() {
  const [path, name] = env._HANDLER.split(/\.(?=[^./]+$)/);
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(env.LAMBDA_TASK_ROOT, path + end)).find(existsSync);
  if (file === undefined)
    throw Object.assign(new Error(`no file for ${env._HANDLER}`), { name: 'Runtime.ImportModuleError' });
  const bundle = await import(pathToFileURL(file));
  const handler = bundle[name] ?? bundle.default?.[name];
  if (typeof handler !== 'function')
    throw Object.assign(new Error(`${env._HANDLER} is no function`), { name: 'Runtime.HandlerNotFound' });
  return handler;
}

const handler = await load().catch(async (error) => {
  await call('POST', 'init/error', describe(error));
  process.exit(1);
});

for (;;) {
  const { headers, body } = await call('GET', 'invocation/next');
  const requestId = headers['lambda-runtime-aws-request-id'];
  const context = {
    awsRequestId: requestId,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
  };
  try {
    const result = await handler(JSON.parse(body), context);
    await call('POST', `invocation/${requestId}/response`, JSON.stringify(result) ?? 'null');
  } catch (error) {
    console.error(describe(error));
    await call('POST', `invocation/${requestId}/error`, describe(error));
  }
}
