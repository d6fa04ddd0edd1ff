import { AwsError } from '../auth/errors.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { FunctionDirectory } from '../lambda/directory.ts';

/** Largest event of a synchronous invocation, in bytes. */
const MAX_EVENT_BYTES = 6 * 1024 ** 2;
const SERVICE = 'apigateway.amazonaws.com';

export interface GatewayInvocation {
  /** `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/<function ARN>/invocations` */
  readonly uri: string | undefined;
  /** ARN of the role to invoke it as; undefined is by the function's own policy. */
  readonly credentials: string | undefined;
  /** What a permission of the function has to be for: the method or authorizer. */
  readonly sourceArn: string;
  readonly event: unknown;
  readonly timeoutMs: number;
  /** Header of the trace that the request belongs to. */
  readonly trace: string | undefined;
}

/** What came of an invocation: the function's answer (JSON), or why there is none; its error document if it failed. */
export type Invoked =
  | { readonly kind: 'answered'; readonly payload: string }
  | {
      readonly kind: 'failed' | 'misconfigured' | 'throttled' | 'too large' | 'timed out';
      readonly reason: string;
    };

/** Invokes functions as API Gateway: only those that let it, and only for so long. */
export class Invoker {
  readonly #functions: FunctionDirectory;
  readonly #authoriser: Authoriser;

  constructor(functions: FunctionDirectory, authoriser: Authoriser) {
    this.#functions = functions;
    this.#authoriser = authoriser;
  }

  async invoke(invocation: GatewayInvocation): Promise<Invoked> {
    const arn = /\/functions\/(.+)\/invocations$/.exec(invocation.uri ?? '')?.[1];
    const target = arn === undefined ? undefined : this.#functions.find(arn);
    if (target === undefined)
      return { kind: 'misconfigured', reason: `there is no function ${invocation.uri}` };
    if (!(await this.#may(invocation, target.arn))) {
      const reason = `Invalid permissions on Lambda function: ${target.arn} does not let ${invocation.sourceArn} invoke it`;
      return { kind: 'misconfigured', reason };
    }
    const payload = JSON.stringify(invocation.event);
    if (Buffer.byteLength(payload) > MAX_EVENT_BYTES) {
      return { kind: 'too large', reason: `the event is larger than ${MAX_EVENT_BYTES} bytes` };
    }
    const { trace } = invocation;
    return within(invocation.timeoutMs, () => answerOf(target.lambda.invoke(payload, target.arn, trace)));
  }

  async #may({ credentials, sourceArn }: GatewayInvocation, resource: string): Promise<boolean> {
    const access = { action: 'lambda:InvokeFunction', resource };
    if (credentials === undefined) return this.#authoriser.serviceMay(SERVICE, sourceArn, access);
    return this.#authoriser.roleMay(credentials.split('/').at(-1) ?? '', access);
  }
}

async function answerOf(invocation: Promise<{ succeeded: boolean; payload: string }>): Promise<Invoked> {
  try {
    const { succeeded, payload } = await invocation;
    return succeeded ? { kind: 'answered', payload } : { kind: 'failed', reason: payload };
  } catch (error) {
    if (error instanceof AwsError && error.status === 429)
      return { kind: 'throttled', reason: error.message };
    throw error;
  }
}

/** The function goes on when nobody waits for it any more, as on AWS. */
async function within(milliseconds: number, work: () => Promise<Invoked>): Promise<Invoked> {
  const { promise, resolve } = Promise.withResolvers<Invoked>();
  const timer = setTimeout(
    () => resolve({ kind: 'timed out', reason: `no answer within ${milliseconds} ms` }),
    milliseconds,
  );
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
