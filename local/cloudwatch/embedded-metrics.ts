import { z } from 'zod';
import type { MetricDatum } from './metrics.ts';

const directiveSchema = z.looseObject({
  Namespace: z.string().min(1),
  Dimensions: z.array(z.array(z.string()).max(30)),
  Metrics: z.array(z.looseObject({ Name: z.string() })),
});

// Values stand beside what describes them.
const lineSchema = z.looseObject({
  _aws: z.looseObject({ CloudWatchMetrics: z.array(directiveSchema) }),
});

const valueSchema = z.union([z.number(), z.array(z.number()).max(100)]);

/**
 * Metrics within a line of a function's log, in CloudWatch's embedded metric format. Time stamps are of real time, and
 * left out: a line is about when it comes.
 *
 * @returns none when the line has none, or is not of the format
 */
export function embeddedMetrics(line: string): MetricDatum[] {
  // Nearly all lines end here, so this has to cost next to nothing.
  if (!line.includes('"_aws"') || !line.startsWith('{')) return [];
  const parsed = lineSchema.safeParse(parseJson(line));
  if (!parsed.success) return [];
  const { _aws, ...members } = parsed.data;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name: name }) => {
      const value = valueSchema.safeParse(members[name]);
      if (!value.success) return [];
      return Dimensions.flatMap((names) => {
        const dimensions = dimensionsOf(names, members);
        return dimensions === undefined ? [] : [{ namespace, name, dimensions, value: value.data }];
      });
    }),
  );
}

/** Undefined when one of them is not in the line. */
function dimensionsOf(
  names: readonly string[],
  members: Readonly<Record<string, unknown>>,
): Record<string, string> | undefined {
  const dimensions: Record<string, string> = {};
  for (const name of names) {
    const value = members[name];
    if (typeof value !== 'string') return undefined;
    dimensions[name] = value;
  }
  return dimensions;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
