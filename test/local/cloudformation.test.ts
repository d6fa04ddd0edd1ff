import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployedResource } from '../../local/assembly/deployment.ts';
import { templateSchema } from '../../local/assembly/template.ts';
import { cloudformationFront } from '../../local/cloudformation/front.ts';
import { Stacks } from '../../local/cloudformation/stacks.ts';
import { elementsOf, unescapeXml } from '../../local/s3/xml.ts';
import { signedRequest } from './signed-request.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { granting, serve, type Wire } from './wire.ts';

const QUEUES = 120;

const directory = temporaryDirectory();
let wire: Wire;

function resource(stackName: string, logicalId: string): DeployedResource {
  const identity = { name: logicalId, ref: `${logicalId}-physical`, attributes: {} };
  return { stackName, logicalId, type: 'AWS::SQS::Queue', identity, properties: {} };
}

beforeAll(async () => {
  const queues = Array.from({ length: QUEUES }, (_, at) => resource('app-work', `Queue${at}`));
  const template = templateSchema.parse({});
  const stacks = new Stacks(
    [
      { id: 'Data', stackName: 'app-data', template, terminationProtection: true, tags: { stage: 'dev' } },
      { id: 'Work', stackName: 'app-work', template },
    ],
    {
      resources: [resource('app-data', 'Only'), ...queues],
      outputs: { 'app-data': { Url: 'http://127.0.0.1/?a&b', Count: 3 } },
    },
  );
  const authoriser = granting({
    reader: [
      {
        Action: 'cloudformation:DescribeStacks',
        Resource: 'arn:aws:cloudformation:us-east-1:000000000000:stack/app-data/*',
      },
    ],
  });
  wire = await serve(directory.path, { cloudformation: cloudformationFront(stacks, authoriser) });
});
afterAll(async () => {
  await wire.close();
  directory.remove();
});

async function call(Action: string, input: Record<string, string>, role?: string) {
  const body = new URLSearchParams({ Action, Version: '2010-05-15', ...input }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const { status, text } = await signedRequest(wire.as(role), 'cloudformation', headers, body);
  return { status, text, all: (name: string) => elementsOf(text, name).map(unescapeXml) };
}

describe('a stack', () => {
  it('is described with its outputs, tags and protection', async () => {
    const { status, all } = await call('DescribeStacks', { StackName: 'app-data' });
    expect(status).toBe(200);
    expect(all('StackName')).toEqual(['app-data']);
    expect(all('StackStatus')).toEqual(['CREATE_COMPLETE']);
    expect(all('EnableTerminationProtection')).toEqual(['true']);
    expect([all('OutputKey'), all('OutputValue')]).toEqual([
      ['Url', 'Count'],
      ['http://127.0.0.1/?a&b', '3'],
    ]);
    expect([all('Key'), all('Value')]).toEqual([['stage'], ['dev']]);
    const [id = ''] = all('StackId');
    expect((await call('DescribeStacks', { StackName: id })).all('StackName')).toEqual(['app-data']);
  });

  it('is one of all, where none is named', async () => {
    const { all } = await call('DescribeStacks', {});
    expect(all('StackName')).toEqual(['app-data', 'app-work']);
    expect(all('EnableTerminationProtection')).toEqual(['true', 'false']);
  });

  it('lists its resources, a hundred at a time', async () => {
    const first = await call('ListStackResources', { StackName: 'app-work' });
    const [token = ''] = first.all('NextToken');
    const second = await call('ListStackResources', { StackName: 'app-work', NextToken: token });
    expect(second.all('NextToken')).toEqual([]);
    expect(first.all('LogicalResourceId')).toHaveLength(100);
    const ids = [first, second].flatMap(({ all }) => all('PhysicalResourceId'));
    expect(ids).toEqual(Array.from({ length: QUEUES }, (_, at) => `Queue${at}-physical`));
    expect(new Set(second.all('ResourceType'))).toEqual(new Set(['AWS::SQS::Queue']));
    const beyond = await call('ListStackResources', { StackName: 'app-work', NextToken: '500' });
    expect(beyond.all('Code')).toEqual(['ValidationError']);
  });

  it('describes its resources, or one', async () => {
    const { all } = await call('DescribeStackResources', {
      StackName: 'app-work',
      LogicalResourceId: 'Queue7',
    });
    expect([all('LogicalResourceId'), all('PhysicalResourceId')]).toEqual([['Queue7'], ['Queue7-physical']]);
    expect((await call('DescribeStackResources', { StackName: 'app-work' })).all('StackId')).toHaveLength(
      100,
    );
    const none = await call('DescribeStackResources', { StackName: 'app-data', LogicalResourceId: 'Queue7' });
    expect(none.all('Message')).toEqual(['Resource Queue7 does not exist for stack app-data']);
  });

  it.each(['DescribeStacks', 'ListStackResources', 'DescribeStackResources'])(
    'that there is not is said to be so by %s',
    async (operation) => {
      const { status, all } = await call(operation, { StackName: 'other' });
      expect(status).toBe(400);
      expect([all('Code'), all('Message')]).toEqual([
        ['ValidationError'],
        ['Stack with id other does not exist'],
      ]);
    },
  );

  it('is shown to roles that may see it, and changed by nobody', async () => {
    expect((await call('DescribeStacks', { StackName: 'app-data' }, 'reader')).status).toBe(200);
    const others = [
      await call('DescribeStacks', { StackName: 'app-work' }, 'reader'),
      await call('ListStackResources', { StackName: 'app-data' }, 'reader'),
    ];
    expect(others.map(({ status, all }) => [status, ...all('Code')])).toEqual(
      others.map(() => [403, 'AccessDenied']),
    );
    const deleted = await call('DeleteStack', { StackName: 'app-data' });
    expect([deleted.status, deleted.all('Code')]).toEqual([501, ['NotImplemented']]);
  });
});
