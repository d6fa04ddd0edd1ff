import { evaluate } from '../../local/cloudwatch/expression/evaluate.ts';
import { parseExpression } from '../../local/cloudwatch/expression/parse.ts';

/** An expression of CloudWatch over one minute. */
export function calculate(expression: string, metrics: Readonly<Record<string, number>>): number | undefined {
  const series = (value: number) => ({ kind: 'series' as const, values: [value], period: 60, start: 0 });
  const value = evaluate(parseExpression(expression), {
    valueOf: (id) => series(metrics[id]!),
    metrics: () => new Map(),
  });
  return value.kind === 'series' ? value.values[0] : undefined;
}
