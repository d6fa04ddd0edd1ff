/**
 * The days of an item in one column of bytes that the function packs and reads, instead of four arrays: nobody queries
 * inside of them, and most of what an addition took was the server's reading and compressing of arrays. Which days there
 * are from first to last stands beside it. Rows that are there become JSON, which begins as nothing packed does; the table
 * is written once for all of it, and nothing dead is left in it.
 */
export const historyPacked = `
ALTER TABLE history_items
  ALTER days TYPE bytea USING convert_to(json_build_array(days, impressions, clicks, spend_micros)::text, 'UTF8'),
  ALTER impressions TYPE date USING days[1],
  ALTER clicks TYPE date USING days[cardinality(days)],
  ALTER impressions DROP NOT NULL,
  ALTER clicks DROP NOT NULL,
  ALTER days SET STORAGE EXTERNAL,
  DROP COLUMN spend_micros,
  DROP COLUMN content_hash;
ALTER TABLE history_items RENAME days TO packed;
ALTER TABLE history_items RENAME impressions TO from_day;
ALTER TABLE history_items RENAME clicks TO to_day;
`;
