import { promises as dns, type LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '../domain/webhooks/address.ts';
import { hostOf, problemOfTarget } from '../domain/webhooks/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { WebhookAnswer, WebhookRequest, WebhookSender } from '../ports/webhook-sender.ts';

export interface SenderOptions {
  readonly clock: Clock;
  /** All addresses of a host; the system's resolver by default. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Why a URL may not be sent to at all, and whether an address may be; what is public may by default. */
  readonly problemOf?: (url: string) => string | null;
  readonly isAllowed?: (address: string) => boolean;
  /** Certificate authorities instead of the usual ones. */
  readonly ca?: string | Buffer;
  readonly timeoutMs?: number;
}

/** Longest that a receiver may take, from the first packet to the last (Standard Webhooks 1.0 says 15 to 30 s). */
const TIMEOUT_MS = 15_000;
const KEPT_BYTES = 1024;
/** How dates in headers start; other texts would be read as some date too. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d/;

/**
 * Posts to webhooks, which may be anywhere on the Internet and nowhere else. The name is resolved here, every one of its
 * addresses is checked, and the connection goes to those and no others: a name that changes its address after the check
 * gains nothing. Redirects are answers like any other, and connections are not shared.
 */
export function createHttpsWebhookSender(options: SenderOptions): WebhookSender {
  const { clock, ca, timeoutMs = TIMEOUT_MS } = options;
  const { resolve = resolveAll, isAllowed = isPublicAddress, problemOf = problemOfTarget } = options;

  async function addressesOf(host: string): Promise<readonly LookupAddress[]> {
    const found = isIP(host) === 0 ? await resolve(host) : [{ address: host, family: isIP(host) }];
    if (found.length === 0) throw new Error(`${host} has no address.`);
    const refused = found.find(({ address }) => !isAllowed(address));
    if (refused !== undefined) throw new Error(`${host} is at ${refused.address}, which is not public.`);
    return found;
  }

  async function post({ url, headers, body }: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer> {
    const addresses = await addressesOf(hostOf(new URL(url)));
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = httpsRequest(
      url,
      {
        method: 'POST',
        headers,
        signal,
        agent: false,
        lookup: pinned(addresses),
        ...(ca !== undefined && { ca }),
      },
      answered,
    );
    outgoing.once('error', reject);
    outgoing.end(body);
    const response = await promise;
    const answer = await headOf(response);
    const retryAfterSeconds = secondsOf(response.headers['retry-after'], clock.now());
    return { status: response.statusCode ?? 0, answer, retryAfterSeconds };
  }

  return {
    async send(request) {
      const problem = problemOf(request.url);
      if (problem !== null) return { error: `The address ${problem}.` };
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await Promise.race([post(request, signal), timedOut(signal)]);
      } catch (error) {
        if (signal.aborted) return { error: `There was no answer within ${timeoutMs / 1000} s.` };
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function resolveAll(host: string): Promise<LookupAddress[]> {
  return dns.lookup(host, { all: true });
}

/** Resolves every name to these addresses, without asking again. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** Rejects when the time is over; resolving a name cannot be given up otherwise. */
function timedOut(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The first kilobyte of an answer; the rest is not waited for. */
async function headOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= KEPT_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8');
}

/** `Retry-After` as seconds from now: a number of them, or a date (RFC 9110, section 10.2.3). */
function secondsOf(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const time = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? null : Math.max(0, Math.ceil((time - now) / 1000));
}
