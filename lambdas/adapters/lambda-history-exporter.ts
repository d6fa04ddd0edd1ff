import * as z from 'zod';
import { HISTORY_EXPORTS, type HistoryExporter } from '../ports/history-exporter.ts';
import { type CalledFunction, invoke } from './lambda-invocation.ts';

const answerSchema = z.strictObject({ outcome: z.enum(HISTORY_EXPORTS) });

/** Has histories written by the function that lives beside the database, and waits for it. */
export function createLambdaHistoryExporter(called: CalledFunction): HistoryExporter {
  return {
    async export(run) {
      return answerSchema.parse(await invoke(called, { exportHistory: run })).outcome;
    },
  };
}
