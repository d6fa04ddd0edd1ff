// Runs in the process of one execution environment: loads the function's handler and serves the invocations that the
// Runtime API hands out (AWS Lambda, "Runtime API", 2018-06-01). It prints nothing of its own.
import { existsSync, realpathSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { flushCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Handler = (event: unknown, context: object) => unknown;

const taskRoot = variable('LAMBDA_TASK_ROOT');
const api = `http://${variable('AWS_LAMBDA_RUNTIME_API')}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true });

// The local cloud holds the other end: when it is gone, however it ended, so is this.
process.stdin.once('close', () => process.exit(0)).resume();
process.stdin.once('end', () => process.exit(0));

provideOnlyWhatLambdaHas();
const handler = await loadHandler().catch(reportInit);
// It is killed in the end, and would leave nothing for the next.
flushCompileCache();
for (;;) await serve(handler);

async function serve(handler: Handler): Promise<void> {
  const { headers, body } = await call('GET', '/invocation/next').catch(() => process.exit(0));
  const requestId = String(headers['lambda-runtime-aws-request-id']);
  process.env['_X_AMZN_TRACE_ID'] = String(headers['lambda-runtime-trace-id']);
  try {
    const result = await handler(JSON.parse(body), contextOf(requestId, headers));
    await call('POST', `/invocation/${requestId}/response`, JSON.stringify(result) ?? 'null');
  } catch (error) {
    await call('POST', `/invocation/${requestId}/error`, JSON.stringify(describe(error)));
  }
}

function contextOf(requestId: string, headers: IncomingHttpHeaders): object {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function loadHandler(): Promise<Handler> {
  const name = variable('_HANDLER');
  const dot = name.lastIndexOf('.');
  const file = ['.mjs', '.js', '.cjs']
    .map((extension) => join(taskRoot, name.slice(0, dot) + extension))
    .find((candidate) => existsSync(candidate));
  if (file === undefined)
    throw named('Runtime.ImportModuleError', `Cannot find module '${name.slice(0, dot)}'`);
  const module = await import(pathToFileURL(file).href);
  const handler = module[name.slice(dot + 1)] ?? module.default?.[name.slice(dot + 1)];
  if (typeof handler !== 'function')
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  return handler;
}

/** What is not in the bundle has to be missing here too, although this machine has many packages installed. */
function provideOnlyWhatLambdaHas(): void {
  const root = `${pathToFileURL(realpathSync(taskRoot)).href}/`;
  const inBundle = (url: string | undefined): boolean => url?.startsWith(root) === true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const foreign =
        inBundle(context.parentURL) && resolved.url.startsWith('file:') && !inBundle(resolved.url);
      if (!foreign || /^@(?:aws-sdk|smithy)\//.test(specifier)) return resolved;
      throw Object.assign(
        new Error(`Cannot find package '${specifier}': it is not in the function's bundle.`),
        {
          code: 'ERR_MODULE_NOT_FOUND',
        },
      );
    },
  });
}

async function reportInit(error: unknown): Promise<never> {
  await call('POST', '/init/error', JSON.stringify(describe(error)));
  return process.exit(1);
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function variable(name: string): string {
  return process.env[name] ?? '';
}

function call(method: string, path: string, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {};
    const outgoing = request(`${api}${path}`, { method, agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
