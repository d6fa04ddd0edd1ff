import { closeSync, openSync, writeSync } from 'node:fs';

const CREATIVES = 5000;
const PLATFORMS = ['facebook', 'instagram', 'audience_network', 'messenger', 'threads', 'search'];
const DAYS = 365;
/** Enough for files of more than a gibibyte. */
const MOST_DAYS = 400;
const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAY_MILLISECONDS = 86_400_000;
const HEADER = 'ad_name,day,platform,campaign_name,impressions,link_clicks,amount_spent_gbp\n';
const WRITE_BYTES = 1 << 20;

/** All rows of a whole year: about 10^9 bytes. */
export const YEAR_ROWS = DAYS * CREATIVES * PLATFORMS.length;

/** One creative in seven has a comma in its name, one in 21 quotes. */
const NAMES = Array.from({ length: CREATIVES }, (_, i) => {
  const version = String(i).padStart(4, '0');
  if (i % 21 === 0) return `"UGC ""unboxed"" cut, Spring Sale v${version}"`;
  if (i % 7 === 0) return `"UGC Testimonial, Spring Sale ${i % 13} v${version}"`;
  return `Founder Story | Reel | Cut ${i % 13} | v${version}`;
});
const DATES = Array.from({ length: MOST_DAYS }, (_, day) =>
  new Date(FIRST_DAY + day * DAY_MILLISECONDS).toISOString().slice(0, 10),
);

/** Row number `n`, in day order from the first of a year; its figures depend on nothing else. */
function row(n: number): string {
  const platform = PLATFORMS[n % PLATFORMS.length];
  const creative = Math.floor(n / PLATFORMS.length) % CREATIVES;
  const day = Math.floor(n / (PLATFORMS.length * CREATIVES));
  const impressions = 100 + (mixed(3 * n) % 20_000);
  const clicks = Math.floor((impressions * (mixed(3 * n + 1) % 400)) / 10_000);
  const pence = Math.floor((impressions * (400 + (mixed(3 * n + 2) % 800))) / 1000);
  const spend = `${Math.floor(pence / 100)}.${String(pence % 100).padStart(2, '0')}`;
  return `${NAMES[creative]},${DATES[day]},${platform},UK Prospecting ${creative % 40},${impressions},${clicks},${spend}\n`;
}

/** A 32-bit integer with its bits mixed up (MurmurHash3's finaliser): the seed is the number itself. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Writes the first rows in order of day, creative and platform. */
export function writeSorted(path: string, rows: number): void {
  write(path, rows, (i) => i);
}

/** Writes the same rows in an order without order. */
export function writeShuffled(path: string, rows: number): void {
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = mixed(i) % (i + 1);
    const other = order[j] ?? 0;
    order[j] = order[i] ?? 0;
    order[i] = other;
  }
  write(path, rows, (i) => order[i] ?? 0);
}

function write(path: string, rows: number, numberAt: (i: number) => number): void {
  const file = openSync(path, 'wx');
  let text = HEADER;
  for (let i = 0; i < rows; i++) {
    text += row(numberAt(i));
    if (text.length < WRITE_BYTES) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}
