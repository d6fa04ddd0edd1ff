import { AnalysisError, type AnalysisErrorCode } from '../lambdas/domain/errors.ts';
import { FIELDS } from '../lambdas/domain/observation/columns.ts';
import type { Paint } from './terminal/style.ts';
import { harmless } from './terminal/text.ts';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  dataRefused: 3,
  failOnMatched: 8,
  interrupted: 130,
} as const;

/** The command cannot run as it was called: an option, an argument or a path is at fault, not the data. */
export class UsageError extends Error {
  /** What to type instead. */
  readonly remedy: string | null;

  constructor(message: string, remedy: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
    this.remedy = remedy;
  }
}

/** An error as it is told to the person at the terminal. */
export interface Complaint {
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string | null;
  readonly exitCode: number;
}

const KINDS: Readonly<Record<AnalysisErrorCode, { readonly title: string; readonly exitCode: number }>> = {
  invalid_request: { title: 'the request is not valid', exitCode: EXIT.usage },
  dataset_too_large: { title: 'the dataset is too large', exitCode: EXIT.dataRefused },
  unsupported_format: { title: 'the format is not supported', exitCode: EXIT.dataRefused },
  missing_columns: { title: 'required columns are missing', exitCode: EXIT.dataRefused },
  too_many_rejected_rows: { title: 'too many rows could not be read', exitCode: EXIT.dataRefused },
  overflow: { title: 'a total is too large to be exact', exitCode: EXIT.dataRefused },
  empty_dataset: { title: 'there are no rows', exitCode: EXIT.dataRefused },
  corrupt_archive: { title: 'the compressed file is damaged', exitCode: EXIT.dataRefused },
  cancelled: { title: 'interrupted', exitCode: EXIT.interrupted },
  internal: { title: 'internal error', exitCode: EXIT.internal },
};

export function complaintOf(error: unknown): Complaint {
  if (error instanceof AnalysisError) {
    const { title, exitCode } = KINDS[error.code];
    return { title, code: error.code, detail: error.message, remedy: remedyOnCommandLine(error), exitCode };
  }
  if (error instanceof UsageError) {
    const { message: detail, remedy } = error;
    return { title: 'the command cannot run like this', code: 'usage', detail, remedy, exitCode: EXIT.usage };
  }
  return {
    title: KINDS.internal.title,
    code: 'internal',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'run again with --verbose for the stack trace',
    exitCode: EXIT.internal,
  };
}

/** The remedy of the domain names fields and parameters; here they are flags. */
function remedyOnCommandLine({ code, remedy }: AnalysisError): string | null {
  if (code !== 'missing_columns') return remedy;
  const field = FIELDS.find((name) => remedy?.includes(`${name}=`) || remedy?.includes(`for ${name}.`));
  return `--map ${field ?? 'impressions'}="the column's name"; --dry-run shows what every column is taken for`;
}

/** `error: title [code]`, then a sentence, then what to try. */
export function complaintLines({ title, code, detail, remedy }: Complaint, paint: Paint): string[] {
  return [
    `${paint('red', 'error:')} ${title} [${code}]`,
    ...detail.split('\n').map((line) => `  ${harmless(line)}`),
    ...(remedy === null ? [] : [`  Try: ${harmless(remedy)}`]),
  ];
}
