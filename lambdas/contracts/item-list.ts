/** What lists of items can be sorted by, and actions be asked of: named once for requests, queries and indexes. */
export const ITEM_SORTS = [
  'riskScore',
  'spend',
  'actualOverspend',
  'engagementGapClicks',
  'healthScore',
  'id',
] as const;
export type ItemSort = (typeof ITEM_SORTS)[number];

/** Which way an item's last lasting change went. */
export const CHANGES = ['worse', 'better'] as const;
export type Change = (typeof CHANGES)[number];

/** What is to be done about a creative, most urgent first. */
export const ACTIONS = ['replace', 'refresh', 'watch'] as const;
export type Action = (typeof ACTIONS)[number];
