import type * as z from 'zod';
import type { ProblemCode } from '../problems.ts';

/** One answer of an operation. */
export interface AnswerContract {
  readonly description: string;
  /** Of its JSON; null when it has none. */
  readonly schema: z.ZodType | null;
  /** Where it is not JSON, or besides: a file, of which a link may be asked for instead. */
  readonly contentType?: string;
}

/** What an operation takes and gives, beyond what every one does: the errors of its method and scope, the headers. */
export interface OperationContract {
  readonly query?: z.ZodObject;
  readonly body?:
    | { readonly schema: z.ZodType }
    | { readonly contentType: string; readonly description: string };
  /** Whether it knows `Prefer: wait`. */
  readonly waits?: boolean;
  readonly answers: Readonly<Record<number, AnswerContract>>;
  readonly problems: readonly ProblemCode[];
}
