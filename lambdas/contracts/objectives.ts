/** What users are promised of the system, as shares of a month. Alarms and dashboard measure against these. */

/** Of the requests to the API: answered without an error of ours. */
export const API_OBJECTIVE = { share: 0.999 } as const;

/** Of accepted jobs: ended within the time since their work began, and not by a fault of ours. */
export const JOB_OBJECTIVE = { share: 0.99, seconds: 900 } as const;
