import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Alerts, JobFailure } from '../ports/alerts.ts';

/** SNS takes subjects of up to 100 characters of printable ASCII. */
const SUBJECT_LENGTH = 100;

/** Failures told through a topic: a text for people, and attributes that subscriptions may filter by. */
export function createSnsAlerts(client: SNSClient, topicArn: string): Alerts {
  return {
    async jobFailed(failure) {
      await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subject(failure),
          Message: text(failure),
          MessageAttributes: {
            event: { DataType: 'String', StringValue: 'job_failed' },
            code: { DataType: 'String', StringValue: failure.code },
            tenant: { DataType: 'String', StringValue: failure.tenant },
          },
        }),
      );
    },
  };
}

function subject({ code, datasetName }: JobFailure): string {
  return `Analysis failed (${code}): ${datasetName}`.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_LENGTH);
}

function text({ tenant, jobId, run, datasetName, code, message, remedy, at }: JobFailure): string {
  return [
    `The analysis of ${datasetName} failed: ${message}`,
    ...(remedy === null ? [] : [remedy]),
    '',
    `Tenant: ${tenant}`,
    `Job: ${jobId} (run ${run})`,
    `Error: ${code}`,
    `Time: ${at}`,
  ].join('\n');
}
