/** What users are promised of the system, as what may go wrong of a month. Alarms and dashboard measure against it. */

/** Requests to the API that are answered with an error of ours, in percent of all. */
export const API_OBJECTIVE = { budgetPercent: 0.1 } as const;

/** Jobs that end later than that after their work began, or by a fault of ours, in percent of those that end. */
export const JOB_OBJECTIVE = { budgetPercent: 1, seconds: 900 } as const;
