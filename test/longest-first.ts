import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first: begun last, they would be what everybody waits for in the end. */
const LONGEST = [
  'test/journey/journeys.test.ts',
  'test/local/start.test.ts',
  'test/infrastructure/synthesis.test.ts',
  'test/infrastructure/phases.test.ts',
  'test/local/cloud.test.ts',
  'test/load/load.test.ts',
  'test/infrastructure/functions.test.ts',
  'test/adapters/s3-object-store.test.ts',
];

/** Begins with the files that take longest. On a clean checkout nothing else knows which these are. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
