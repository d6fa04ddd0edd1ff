import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/infrastructure/assemblies.ts'],
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/closing-line.ts'],
    testTimeout: 60_000,
    // One less than there are would be one on two cores, and much of what is tested is waited for.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
  },
});
