/** What users are promised of the system, as what may go wrong of a month. Alarms and dashboard measure against it. */

/** Requests to the API that are answered with an error of ours, in percent of all. */
export const API_OBJECTIVE = { budgetPercent: 0.1 } as const;

/** Jobs that end later than that after their work began, or by a fault of ours, in percent of those that end. */
export const JOB_OBJECTIVE = { budgetPercent: 1, seconds: 900 } as const;

/** What nearly all data sets are no larger than, 10,000 creatives of 90 days, and how long the work on one may take. */
export const STANDARD_JOB = { rows: 900_000, seconds: 30 } as const;
