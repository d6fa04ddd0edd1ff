/** The one account, Region and partition the local cloud is. The account is the one its emulators answer with. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const PARTITION = 'aws';

/** An ARN of this account and Region; S3 and IAM leave parts empty. */
export function arn(
  service: string,
  resource: string,
  options: { region?: string; account?: string } = {},
): string {
  return `arn:${PARTITION}:${service}:${options.region ?? REGION}:${options.account ?? ACCOUNT}:${resource}`;
}

export function stackId(stackName: string): string {
  return arn('cloudformation', `stack/${stackName}/local`);
}

/** ARN of a function, by what names it in a template: its name, or an ARN already, of a version or alias too. */
export function functionArn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : arn('lambda', `function:${nameOrArn}`);
}

export function mappingArn(uuid: string): string {
  return arn('lambda', `event-source-mapping:${uuid}`);
}
