import { ANALYSIS_ERROR_CODES } from '../domain/errors.ts';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What helps in general; an answer that knows better says so itself. */
  readonly remedy: string;
  /** Whether the same request can succeed later, unchanged. */
  readonly retryable: boolean;
}

const API_ERROR_CODES = [
  'unauthenticated',
  'forbidden',
  'not_found',
  'not_ready',
  'request_in_progress',
  'idempotency_key_reused',
  'name_taken',
  'invalid_cursor',
  'result_expired',
  'quota_exceeded',
  'unavailable',
] as const;

/** Every code of an error that a user may see: those of an analysis (analysis spec §11) and those of the API. */
export const PROBLEM_CODES = [...ANALYSIS_ERROR_CODES, ...API_ERROR_CODES] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** One table for the API, its gateway, the reference and the pages about errors (RFC 9457). */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  invalid_request: problem(
    400,
    'The request is not valid',
    'Correct the fields that are named and send it again.',
  ),
  dataset_too_large: problem(413, 'The dataset is too large', 'Upload it as a file with POST /api/datasets.'),
  unsupported_format: problem(
    415,
    'The format is not supported',
    'Send CSV or JSON, plain or as .gz or .zst.',
  ),
  missing_columns: problem(422, 'Required columns are missing', 'Name the columns in mapping.'),
  too_many_rejected_rows: problem(
    422,
    'Too many rows could not be read',
    'Correct the rows named as examples.',
  ),
  overflow: problem(
    422,
    'A total is too large to be exact',
    'Check the unit of the figures, or split the dataset.',
  ),
  empty_dataset: problem(422, 'There is nothing to analyse', 'Send at least one row with figures.'),
  corrupt_archive: problem(422, 'The archive is damaged', 'Pack the file again and upload it again.'),
  cancelled: problem(409, 'The job was cancelled', 'Start it again if the result is needed.'),
  internal: problem(500, 'Something went wrong here', 'Try again; if it stays, report the request id.', true),
  unauthenticated: problem(
    401,
    'A valid token is required',
    'Send Authorization: Bearer with a token that holds.',
  ),
  forbidden: problem(403, 'The token may not do this', 'Use a token with the scope that is named.'),
  not_found: problem(
    404,
    'There is no such thing',
    'Check the path and the id; ids of other tenants are not found.',
  ),
  not_ready: problem(409, 'It is not ready yet', 'Try again after the time in Retry-After.', true),
  request_in_progress: problem(
    409,
    'The same request is being answered',
    'Try again after the time in Retry-After.',
    true,
  ),
  idempotency_key_reused: problem(
    422,
    'The idempotency key belongs to another request',
    'Use a new key for a new request.',
  ),
  name_taken: problem(409, 'The name is taken', 'Choose another name, or use what has it.'),
  invalid_cursor: problem(
    400,
    'The cursor does not belong to this list',
    'Start at the first page, without a cursor.',
  ),
  result_expired: problem(410, 'The result is no longer kept', 'Run the analysis again.'),
  quota_exceeded: problem(
    429,
    'The limit of requests is reached',
    'Try again after the time in Retry-After.',
    true,
  ),
  unavailable: problem(
    503,
    'A part of the system does not answer',
    'Try again after the time in Retry-After.',
    true,
  ),
};

function problem(status: number, title: string, remedy: string, retryable = false): ProblemKind {
  return { status, title, remedy, retryable };
}
