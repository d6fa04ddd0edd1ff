import { BOUNDARY_BREAKS } from './boundaries.ts';
import { FUNCTION_BREAKS } from './functions.ts';
import { MESSAGING_BREAKS } from './messaging.ts';
import type { Break } from './mutations.ts';
import { STORE_BREAKS } from './stores.ts';

export const BREAKS: readonly Break[] = [
  ...MESSAGING_BREAKS,
  ...STORE_BREAKS,
  ...BOUNDARY_BREAKS,
  ...FUNCTION_BREAKS,
];
