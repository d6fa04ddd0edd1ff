const WINDOW = { days: 60, from: '2026-01-01', to: '2026-03-01' } as const;

/** Half of the clicks are gone from 5 February on, which shows a day later: in fewer clicks, and in dearer ones. */
const WORSE = {
  index: 36,
  day: '2026-02-06',
  onsetIndex: 35,
  onsetDay: '2026-02-05',
  direction: 'worse',
} as const;
const BEFORE = { start: 0, end: 35, from: '2026-01-01', to: '2026-02-04' } as const;
const AFTER = { start: 35, end: 60, from: '2026-02-05', to: '2026-03-01' } as const;
const ALWAYS = { start: 0, end: 60, from: '2026-01-01', to: '2026-03-01' } as const;

/** What the result document has to say of the canary's dataset, as far as it matters to whoever decides by it. */
export const DOCUMENT = {
  currency: 'GBP',
  rows: { read: 120, rejected: 0 },
  totals: {
    items: 2,
    analysed: 2,
    excluded: 0,
    impressions: 1_199_236,
    clicks: 32_190,
    spend: 14_398.5,
    actualOverspend: 1494.952005730659,
    engagementGapClicks: 3751,
  },
  items: [
    {
      id: 'canary-worn',
      totals: { ...WINDOW, impressions: 599_618, clicks: 14_220, spend: 7199.25 },
      metrics: {
        ctr: {
          n: 60,
          changePoints: [{ ...WORSE, score: 4.135042180468293, distance: 0.16525477332419497 }],
          segments: [
            { ...BEFORE, trend: 'stable', mean: 0.029973878779117936 },
            { ...AFTER, trend: 'stable', mean: 0.01498329001246573 },
          ],
          benchmark: { ...BEFORE, value: 0.029969944182052382 },
        },
        cpc: {
          n: 60,
          changePoints: [{ ...WORSE, score: 4.119576290851567, distance: 0.13931368374939274 }],
          segments: [
            { ...BEFORE, trend: 'stable', mean: 0.4013772520747343 },
            { ...AFTER, trend: 'stable', mean: 0.8017067651739832 },
          ],
          benchmark: { ...BEFORE, value: 0.40114613180515757 },
        },
      },
      impact: {
        actualOverspend: 1494.952005730659,
        actualOverspendPct: 20.76538536279,
        engagementGapClicks: 3751,
        engagementGapClicksNet: 3750.5179905538857,
        correlation: { r: -0.9958285474541709, n: 60, inverse: true },
      },
      verdict: {
        ctrTrend: 'Declining',
        fatigueStatus: 'fatigued',
        healthScore: 0.5001545159799197,
        riskScore: 0.7665168200192022,
        replacementRecommended: true,
      },
    },
    {
      id: 'canary-steady',
      totals: { ...WINDOW, impressions: 599_618, clicks: 17_970, spend: 7199.25 },
      metrics: {
        ctr: {
          n: 60,
          changePoints: [],
          segments: [{ ...ALWAYS, trend: 'stable', mean: 0.029971993957043072 }],
          benchmark: { ...ALWAYS, value: 0.029969080314466878 },
        },
        cpc: {
          n: 60,
          changePoints: [],
          segments: [{ ...ALWAYS, trend: 'stable', mean: 0.40086332686443904 }],
          benchmark: { ...ALWAYS, value: 0.40062604340567615 },
        },
      },
      impact: {
        actualOverspend: 0,
        actualOverspendPct: 0,
        engagementGapClicks: 0,
        engagementGapClicksNet: 0,
        correlation: { r: -0.8563922045491897, n: 60, inverse: true },
      },
      verdict: {
        ctrTrend: 'Stable',
        fatigueStatus: 'healthy',
        healthScore: 0.9997040344640418,
        riskScore: 0,
        replacementRecommended: false,
      },
    },
  ],
} as const;

/** What the list of creatives has to say of it, which comes out of the database. */
export const LIST = {
  data: [
    {
      id: 'canary-worn',
      status: 'fatigued',
      excluded: null,
      riskScore: 0.7665168200192022,
      healthScore: 0.5001545159799197,
      impressions: 599_618,
      clicks: 14_220,
      spend: 7199.25,
      days: 60,
      actualOverspend: 1494.952005730659,
      engagementGapClicks: 3751,
      ctrTrend: 'Declining',
      replacementRecommended: true,
    },
    {
      id: 'canary-steady',
      status: 'healthy',
      excluded: null,
      riskScore: 0,
      healthScore: 0.9997040344640418,
      impressions: 599_618,
      clicks: 17_970,
      spend: 7199.25,
      days: 60,
      actualOverspend: 0,
      engagementGapClicks: 0,
      ctrTrend: 'Stable',
      replacementRecommended: false,
      changed: null,
    },
  ],
} as const;
