import { idOf } from './job-id.ts';

/** The id of a dataset by the name that it was made under, so that uploads of one name meet, even at the same time. */
export function datasetIdOf(tenant: string, name: string): string {
  return idOf('ds', 0, `${tenant}\n${name}`);
}
