import { AnalysisError } from '../errors.ts';
import { CURRENCIES, DEFAULT_CURRENCY } from './currency.ts';

export const FIELDS = ['item', 'day', 'impressions', 'clicks', 'spend', 'ctr'] as const;
export type Field = (typeof FIELDS)[number];

/** Column names given by the caller, which beat every synonym (analysis spec §1). */
export type ColumnMapping = Readonly<Partial<Record<Field, string>>>;

/** Where each field stands in a row. `ctr` is -1 unless clicks have to be derived from it; absent columns are -1. */
export interface Columns {
  readonly names: readonly string[];
  readonly index: Readonly<Record<Field, number>>;
  readonly currency: string;
}

/** Folded names by field, in the order in which they are tried (spec §1). */
const SYNONYMS: Readonly<Record<Field, readonly string[]>> = {
  item: ['ad_name', 'ad', 'creative', 'creative_name', 'creative_id', 'ad_id', 'item', 'item_id', 'id'],
  day: ['day', 'date', 'timestamp', 'reporting_starts', 'report_date'],
  impressions: ['impressions', 'impr', 'imps'],
  clicks: ['link_clicks', 'clicks', 'clicks_all'],
  spend: ['amount_spent_gbp', 'amount_spent_*', 'amount_spent', 'spend', 'cost'],
  ctr: ['ctr', 'link_ctr', 'ctr_link_click_through_rate'],
};

/** Case-insensitive form of a header in which every run of space, `-`, `_`, `.`, `(`, `)` is one `_` (spec §1). */
export function foldName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s\-_.()]+/g, '_')
    .replace(/^_|_$/g, '');
}

/**
 * Finds the columns of an input.
 *
 * @param header the column names as read; they are trimmed here
 * @param currency the caller's currency, which a suffix of the spend column overrides
 * @throws AnalysisError `missing_columns` with the names found and those wanted, `invalid_request` for a currency that
 * is not in ISO 4217
 */
export function findColumns(
  header: readonly string[],
  mapping: ColumnMapping,
  currency: string | null,
): Columns {
  const names = header.map((name) => name.trim());
  const index = locateColumns(names, mapping);
  assertComplete(index, names);
  const spendColumn = foldName(names[index.spend] ?? '');
  return { names, index, currency: currencyOf(spendColumn, mapping.spend !== undefined, currency) };
}

/**
 * Where each field seems to stand, -1 for those that are not found.
 *
 * @param names the column names, trimmed
 * @throws AnalysisError `missing_columns` when the mapping names a column that is not there
 */
export function locateColumns(
  names: readonly string[],
  mapping: ColumnMapping,
): Readonly<Record<Field, number>> {
  const folded = names.map(foldName);
  const find = (field: Field): number => {
    const wanted = mapping[field];
    if (wanted !== undefined) return findMapped(field, wanted.trim(), names, folded);
    for (const synonym of SYNONYMS[field]) {
      const at = folded.findIndex((name) => matches(name, synonym));
      if (at >= 0) return at;
    }
    return -1;
  };
  const index = {
    item: find('item'),
    day: find('day'),
    impressions: find('impressions'),
    clicks: find('clicks'),
    spend: find('spend'),
    ctr: -1,
  };
  if (index.clicks < 0) index.ctr = find('ctr');
  return index;
}

function matches(name: string, synonym: string): boolean {
  if (!synonym.endsWith('*')) return name === synonym;
  const stem = synonym.slice(0, -1);
  return name.startsWith(stem) && CURRENCIES.has(name.slice(stem.length).toUpperCase());
}

function findMapped(
  field: Field,
  wanted: string,
  names: readonly string[],
  folded: readonly string[],
): number {
  const exact = names.indexOf(wanted);
  const at = exact >= 0 ? exact : folded.indexOf(foldName(wanted));
  if (at >= 0) return at;
  throw new AnalysisError(
    'missing_columns',
    `No column "${wanted}", which was named for ${field}. ${foundList(names)}`,
    `Name an existing column for ${field}.`,
  );
}

function assertComplete(index: Readonly<Record<Field, number>>, names: readonly string[]): void {
  const missing: string[] = (['item', 'day', 'impressions'] as const).filter((field) => index[field] < 0);
  if (index.clicks < 0 && index.ctr < 0) missing.push('clicks (or ctr)');
  const first = missing[0];
  if (first === undefined) return;
  const wanted = missing.map((field) => `${field}: ${SYNONYMS[fieldNamed(field)].join(', ')}`).join('; ');
  throw new AnalysisError(
    'missing_columns',
    `No column for ${missing.join(', ')}. ${foundList(names)} Wanted ${wanted}.`,
    `Rename a column, or map one: ${fieldNamed(first)}=<column name>.`,
  );
}

function fieldNamed(text: string): Field {
  return FIELDS.find((field) => text.startsWith(field)) ?? 'item';
}

function foundList(names: readonly string[]): string {
  const shown = names.slice(0, 50).map((name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return `Found: ${shown.join(', ')}${names.length > shown.length ? ', …' : ''}.`;
}

function currencyOf(spendColumn: string, mapped: boolean, given: string | null): string {
  const suffix = (mapped ? /_([a-z]{3})$/ : /^amount_spent_([a-z]{3})$/)
    .exec(spendColumn)?.[1]
    ?.toUpperCase();
  if (suffix !== undefined && CURRENCIES.has(suffix)) return suffix;
  const currency = given?.trim().toUpperCase() ?? DEFAULT_CURRENCY;
  if (CURRENCIES.has(currency)) return currency;
  throw new AnalysisError(
    'invalid_request',
    `"${given}" is not an ISO 4217 currency code.`,
    'Give a code such as GBP, EUR or USD.',
  );
}
