/** Above the help of the program. */
export const EXAMPLES = `Examples:
  creative-dynamics analyze spring.csv              which creatives wore out, since when, at what cost
  creative-dynamics analyze spring.csv --dry-run    are the columns and rows understood?
  creative-dynamics analyze --help                  every option

From a checkout: npm run -s analyze -- spring.csv
`;

/** Above the help of `analyze`. */
export const ANALYZE_EXAMPLES = `Examples:
  creative-dynamics analyze spring.csv
  creative-dynamics analyze spring.csv.gz --json report.json --csv report.csv
  creative-dynamics analyze spring.csv --map item="Ad ID" --map clicks=Clicks
  creative-dynamics analyze spring.csv --day-format DD/MM/YYYY --dry-run
  creative-dynamics analyze spring.csv --plain --top 5 | cut -f 1,8
  zcat spring.csv.gz | creative-dynamics analyze - --quiet --fail-on fatigued

From a checkout: npm run -s analyze -- spring.csv
`;

/** Below the help of `analyze`. */
export const ANALYZE_NOTES = `
Columns are found by name (Ad name, Day, Impressions, Link clicks, Amount spent
(GBP) and many others); --map beats every guess. Rows that break a rule are
counted and shown, never repaired. The result goes to stdout, everything else to
stderr. Nothing leaves this machine.

The ranking:
  RISK         0 to 1, to sort by: from status, replacement due, overspend and
               lost clicks
  STATUS       ■ terminal decline, ▲ fatigued, ◆ early fatigue, ● healthy,
               ○ unknown: not enough evidence
  HEALTH       0 to 1: latest CTR and CPC against the creative's own benchmark
  OVERSPEND    spend above the benchmark CPC
  LOST CLICKS  clicks short of the benchmark CTR; a second view of the same
               decline, so the two are not added
  SINCE        when the change for the worse most likely began; "cpc" where only
               the CPC changed
  CTR          clicks / impressions over the creative's period, drawn from zero

Exit codes:
  0 done                 3 data refused
  1 internal error       8 --fail-on matched
  2 wrong use or path    130 interrupted
`;
