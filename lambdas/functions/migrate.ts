import { migrateDatabase } from '../adapters/postgres/migrate-database.ts';
import { databaseEnvironmentSchema } from '../contracts/database-environment.ts';
import {
  answerCustomResource,
  type CustomResourceEvent,
  type CustomResourceOutcome,
  customResourceSchema,
} from './runtime/custom-resource.ts';
import { errorFields, log } from './runtime/log.ts';
import { named } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

const SCHEMA = 'schema';

/** Brings the database's schema up to date at a deployment, as a custom resource of CloudFormation. */
export const handler = named(async (event: unknown): Promise<void> => {
  const request = customResourceSchema.parse(event);
  const outcome = await attempt(request);
  await answerCustomResource(request, SCHEMA, outcome);
});

/** The schema goes with its database, so there is nothing to delete. */
async function attempt({ RequestType }: CustomResourceEvent): Promise<CustomResourceOutcome> {
  if (RequestType === 'Delete') return { Status: 'SUCCESS' };
  try {
    const applied = await migrateDatabase(readEnvironment(databaseEnvironmentSchema));
    log('info', 'The schema is up to date.', { applied });
    return { Status: 'SUCCESS' };
  } catch (error) {
    log('error', 'The schema could not be brought up to date.', errorFields(error));
    return { Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) };
  }
}
