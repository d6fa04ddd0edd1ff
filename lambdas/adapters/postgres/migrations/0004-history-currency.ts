/** The currency of each day's spend, as spend in several cannot be added up; null on days without spend. */
export const historyCurrency = `
ALTER TABLE history_days ADD COLUMN currency text COLLATE "C";
`;
