import type { AlarmState } from './judge.ts';

/** The rule of a composite alarm. */
export type Rule =
  | { readonly kind: 'constant'; readonly holds: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly Rule[] };

const TOKEN =
  /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^"'()\s]+))\s*\)|([()]|\w+))/y;

const STATES: Readonly<Record<string, AlarmState>> = {
  ALARM: 'ALARM',
  OK: 'OK',
  INSUFFICIENT_DATA: 'INSUFFICIENT_DATA',
};

type Token = string | { readonly state: AlarmState; readonly alarm: string };

/**
 * Parses the rule of a composite alarm: states of other alarms, by name or ARN, with AND, OR, NOT, TRUE and FALSE.
 *
 * @throws Error when it is none
 */
export function parseRule(text: string): Rule {
  const tokens = tokensOf(text);
  let position = 0;
  const wrong = (): Error => new Error(`the rule ${text} is not imitated`);
  const operand = (): Rule => {
    const token = tokens[position++];
    if (token === undefined) throw wrong();
    if (typeof token === 'object') return { kind: 'state', ...token };
    if (token === 'NOT') return { kind: 'not', rule: operand() };
    if (token === 'TRUE' || token === 'FALSE') return { kind: 'constant', holds: token === 'TRUE' };
    if (token !== '(') throw wrong();
    const inner = chain('or');
    if (tokens[position++] !== ')') throw wrong();
    return inner;
  };
  // AND binds more tightly than OR.
  const chain = (kind: 'and' | 'or'): Rule => {
    const next = (): Rule => (kind === 'or' ? chain('and') : operand());
    const rules = [next()];
    while (tokens[position] === kind.toUpperCase()) {
      position += 1;
      rules.push(next());
    }
    const [only] = rules;
    return rules.length === 1 && only !== undefined ? only : { kind, rules };
  };
  const rule = chain('or');
  if (position < tokens.length) throw wrong();
  return rule;
}

export function holds(rule: Rule, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.holds;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !holds(rule.rule, stateOf);
    case 'and':
      return rule.rules.every((part) => holds(part, stateOf));
    case 'or':
      return rule.rules.some((part) => holds(part, stateOf));
  }
}

/** Names of the alarms that a rule is about. */
export function alarmsOf(rule: Rule): string[] {
  switch (rule.kind) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsOf(rule.rule);
    default:
      return rule.rules.flatMap(alarmsOf);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const found = pattern.exec(text);
    if (found === null) throw new Error(`the rule ${text} is not imitated`);
    const [, state, double, single, bare, word] = found;
    const named = STATES[state ?? ''];
    if (named === undefined) tokens.push((word ?? '').toUpperCase());
    else tokens.push({ state: named, alarm: alarmName(double ?? single ?? bare ?? '') });
  }
  return tokens;
}

/** An alarm's name, of its name or its ARN. */
export function alarmName(nameOrArn: string): string {
  return /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}
