/** What one step of a removal did. */
interface RemovedPage {
  readonly removed: number;
  /** Where the next step goes on; null when there is nothing left to look at. */
  readonly next: string | null;
}

/** The records of a tenant in all tables, of whatever kind. Its deletion is none of them: it says that they are to go. */
export interface TenantRecords {
  /**
   * Removes some of what stands under the tenant's name: first the tokens that let it in, then the webhooks that send out
   * what it has, then its jobs, datasets and portfolios.
   *
   * @returns how many records that were; 0 when none is left
   */
  removeNamed(tenant: string): Promise<number>;

  /**
   * Looks through some of all records there are, of any tenant, and removes those of this one: timelines, deliveries,
   * answers and what else no list leads to.
   *
   * @param position as the step before has answered; null to begin
   */
  removeScattered(tenant: string, position: string | null): Promise<RemovedPage>;
}
