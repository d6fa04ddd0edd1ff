import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { ConnectedFunction } from '../constructs/connected-function.ts';
import type { ResultsDatabase } from './database.ts';

export interface DatabaseSchemaProps {
  readonly stage: Stage;
  readonly vpc: IVpc;
  readonly database: ResultsDatabase;
}

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'lambdas', 'adapters', 'postgres', 'migrations');

/** The database's schema, which a function brings up to date in every deployment whose migrations are others than before. */
export class DatabaseSchema extends Construct {
  readonly migrate: ConnectedFunction;

  constructor(scope: Construct, id: string, { stage, vpc, database }: DatabaseSchemaProps) {
    super(scope, id);
    this.migrate = new ConnectedFunction(this, 'Migrate', {
      entry: 'migrate',
      description: 'Brings the schema of the database up to date when it is deployed',
      timeout: Duration.minutes(15),
      memoryMiB: 512,
      environment: {},
      stage,
      vpc,
    });
    this.migrate.connectsTo(database.accessFor('owner'));
    const schema = new CustomResource(this, 'Schema', {
      resourceType: 'Custom::DatabaseSchema',
      serviceToken: this.migrate.function.functionArn,
      serviceTimeout: Duration.minutes(16),
      properties: { Migrations: migrationsHash() },
    });
    // The instances, and the rules that let the function in to them.
    schema.node.addDependency(database, this.migrate);
  }
}

/** Changes with any migration, and so has CloudFormation call the function again. */
function migrationsHash(): string {
  const hash = createHash('sha256');
  for (const file of globSync('*.ts', { cwd: MIGRATIONS }).sort()) {
    hash.update(`${file}\0`).update(readFileSync(join(MIGRATIONS, file)));
  }
  return hash.digest('hex');
}
