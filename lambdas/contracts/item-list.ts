/** What lists of items can be sorted by: named once for requests, queries and indexes. */
export const ITEM_SORTS = [
  'riskScore',
  'spend',
  'actualOverspend',
  'engagementGapClicks',
  'healthScore',
  'id',
] as const;
export type ItemSort = (typeof ITEM_SORTS)[number];
