import { DatabaseError } from 'pg';
import { Unavailable } from '../../ports/unavailable.ts';

/** A failover of Aurora takes less than a minute, mostly less than half of one. */
const RETRY_AFTER_SECONDS = 15;

/**
 * SQLSTATEs of a server that cannot do now what it can at other times: connection exceptions (08), no connection or
 * memory left (53), shut down, starting or failed over (57P), and a writer that has become a reader (25006).
 */
const PASSING_STATES = /^(08|53|57P|25006)/;
/** Two transactions in each other's way: one of them has to be done again. */
const CONFLICT_STATES = new Set(['40001', '40P01']);
/** Of the operating system, such as ECONNREFUSED and EAI_AGAIN. */
const SYSTEM_CODES = /^E[A-Z_]+$/;
/** The client has no codes for what befalls its connection. */
const BROKEN = /^(Connection terminated|timeout e|Query read timeout|Client (has encountered|was closed))/i;

/** Whether an error says that the server is out of reach, and nothing of the statement. */
export function isOutOfReach(error: unknown): boolean {
  if (error instanceof DatabaseError) return PASSING_STATES.test(error.code ?? '');
  if (!(error instanceof Error)) return false;
  return ('code' in error && SYSTEM_CODES.test(String(error.code))) || BROKEN.test(error.message);
}

export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && CONFLICT_STATES.has(error.code ?? '');
}

export function unavailable(cause: unknown): Unavailable {
  return new Unavailable('The database cannot be reached.', RETRY_AFTER_SECONDS, { cause });
}
