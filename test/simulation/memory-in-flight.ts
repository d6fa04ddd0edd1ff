import type { JobRef } from '../../lambdas/contracts/job.ts';
import type { InFlightLimits } from '../../lambdas/ports/in-flight.ts';

/** Jobs in flight, in memory. */
export class MemoryInFlight {
  readonly #tenants = new Map<string, Map<string, { readonly bytes: number; readonly since: number }>>();

  enter({ tenant, jobId }: JobRef, bytes: number, limits: InFlightLimits, now: number): boolean {
    const own = this.#tenants.get(tenant) ?? new Map();
    this.#tenants.set(tenant, own);
    if (own.has(jobId)) return true;
    for (const [id, { since }] of own) if (since + limits.leaseSeconds * 1000 <= now) own.delete(id);
    const held = [...own.values()].reduce((sum, job) => sum + job.bytes, 0);
    if (own.size >= limits.jobs || (own.size > 0 && held + bytes > limits.bytes)) return false;
    own.set(jobId, { bytes, since: now });
    return true;
  }

  leave({ tenant, jobId }: JobRef): void {
    this.#tenants.get(tenant)?.delete(jobId);
  }

  /** Ids of the jobs that count. */
  of(tenant: string): string[] {
    return [...(this.#tenants.get(tenant)?.keys() ?? [])];
  }
}
