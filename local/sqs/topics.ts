import type { DeployedResource } from '../assembly/deployment.ts';

/** The topics of a deployment. */
export interface Topics {
  has(topicArn: string): boolean;
  /** ARN of the key that a topic is encrypted with, if it is. */
  keyOf(topicArn: string): string | undefined;
  /** Tells what was published, in the form that it was. */
  onPublished(topicArn: string, form: URLSearchParams): void;
}

export function topicsOf(resources: readonly DeployedResource[], log: (line: string) => void): Topics {
  const keys = new Map(
    resources
      .filter(({ type }) => type === 'AWS::SNS::Topic')
      .map(({ identity, properties }) => {
        const key = properties['KmsMasterKeyId'];
        return [identity.ref, key === undefined ? undefined : String(key)];
      }),
  );
  return {
    has: (topicArn) => keys.has(topicArn),
    keyOf: (topicArn) => keys.get(topicArn),
    onPublished: (topicArn, form) =>
      log(`${topicArn} ${form.get('Subject') ?? ''}: ${form.get('Message') ?? ''}`),
  };
}
