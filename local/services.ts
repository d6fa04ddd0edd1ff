import { join } from 'node:path';
import { z } from 'zod';
import type { DeployedResource } from './assembly/deployment.ts';
import { Tables } from './dynamodb/tables.ts';
import { S3Service } from './s3/service.ts';
import { MessageBroker } from './sqs/broker.ts';
import { deployQueue, deploySubscription, deployTopic } from './sqs/deploy.ts';

const bucketSchema = z.looseObject({
  VersioningConfiguration: z.looseObject({ Status: z.string() }).optional(),
  NotificationConfiguration: z
    .looseObject({
      EventBridgeConfiguration: z.looseObject({ EventBridgeEnabled: z.boolean().default(true) }).optional(),
    })
    .optional(),
});

/** The services that hold data. */
export interface DataServices {
  readonly s3: S3Service;
  readonly broker: MessageBroker;
  readonly tables: Tables;
}

export async function openDataServices(dataDirectory: string): Promise<DataServices> {
  const tables = await Tables.open(join(dataDirectory, 'dynamodb'));
  const broker = await MessageBroker.open(join(dataDirectory, 'sqs'));
  return { tables, broker, s3: new S3Service(join(dataDirectory, 's3')) };
}

/** Creates one resource that holds data. @returns what of it is not imitated, if anything */
export async function deployData(
  { s3, broker, tables }: DataServices,
  resource: DeployedResource,
): Promise<string | undefined> {
  switch (resource.type) {
    case 'AWS::S3::Bucket': {
      const { VersioningConfiguration, NotificationConfiguration } = bucketSchema.parse(resource.properties);
      s3.store.addBucket(resource.identity.name, {
        versioned: VersioningConfiguration?.Status === 'Enabled',
        announces: NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled ?? false,
      });
      return undefined;
    }
    case 'AWS::SQS::Queue':
      await deployQueue(broker, resource);
      return undefined;
    case 'AWS::SNS::Topic':
      await deployTopic(broker, resource);
      return undefined;
    case 'AWS::SNS::Subscription':
      return deploySubscription(broker, resource);
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      await tables.deploy(resource);
      return undefined;
    default:
      return undefined;
  }
}

export async function closeDataServices({ s3, broker, tables }: DataServices): Promise<void> {
  await broker.close();
  await tables.close();
  s3.store.close();
}
