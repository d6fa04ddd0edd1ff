import { CHARGES, COST_LINES, type CostLine } from './charges.ts';
import { isFreeWhenIdle } from './free-when-idle.ts';
import type { Template } from './template.ts';

/** A line of an idle stage's bill: dollars a month. */
export interface CostItem {
  readonly line: CostLine;
  readonly dollars: number;
}

/**
 * What a stage costs a month when nobody uses it: every line there is, before free tiers. What is paid for by use is not in it,
 * nor is the data that is kept.
 *
 * @param templates of all stacks of the stage
 * @throws Error when there is a resource of a type of which it is not known what it costs, ZodError when a cost cannot be read
 */
export function idleCost(templates: readonly Template[]): CostItem[] {
  const charges = templates.flatMap((template) =>
    Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]) => {
      const charge = CHARGES[Type];
      if (charge !== undefined) return charge(Properties, template);
      if (isFreeWhenIdle(Type)) return [];
      throw new Error(`What does ${Type} (${logicalId}) cost? lib/cost does not know.`);
    }),
  );
  return COST_LINES.map((line) => ({
    line,
    dollars: total(charges.filter((charge) => charge.line === line)),
  }));
}

/** Dollars of all items together. */
export function total(items: readonly { readonly dollars: number }[]): number {
  return items.reduce((sum, { dollars }) => sum + dollars, 0);
}
