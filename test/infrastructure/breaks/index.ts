import { ALARM_BREAKS } from './alarms.ts';
import { BOUNDARY_BREAKS } from './boundaries.ts';
import { DATABASE_BREAKS } from './databases.ts';
import { EXPRESSION_BREAKS } from './expressions.ts';
import { FUNCTION_BREAKS } from './functions.ts';
import { LIMIT_BREAKS } from './limits.ts';
import { MESSAGING_BREAKS } from './messaging.ts';
import type { Break } from './mutations.ts';
import { NETWORK_BREAKS } from './network.ts';
import { SCALING_BREAKS } from './scaling.ts';
import { STORE_BREAKS } from './stores.ts';

export const BREAKS: readonly Break[] = [
  ...MESSAGING_BREAKS,
  ...ALARM_BREAKS,
  ...STORE_BREAKS,
  ...BOUNDARY_BREAKS,
  ...FUNCTION_BREAKS,
  ...DATABASE_BREAKS,
  ...NETWORK_BREAKS,
  ...SCALING_BREAKS,
  ...EXPRESSION_BREAKS,
  ...LIMIT_BREAKS,
];
