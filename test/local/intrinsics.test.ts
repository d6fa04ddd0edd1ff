// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the notation of Fn::Sub
import { describe, expect, it } from 'vitest';
import { planDeployment } from '../../local/assembly/deployment.ts';
import { isJsonObject, type Json } from '../../local/assembly/json.ts';
import { templateSchema } from '../../local/assembly/template.ts';

const QUEUE_ARN = /^arn:aws:sqs:us-east-1:000000000000:one-Queue-[0-9a-f]{10}$/;

/** The properties of a resource `Probe` holding `value`, in a stack with a queue, beside a stack with outputs. */
function probe(value: Json, extra: Record<string, unknown> = {}): Json | undefined {
  const one = templateSchema.parse({
    Parameters: { Size: { Type: 'String', Default: '5' }, Open: { Type: 'String' } },
    Mappings: { Sizes: { small: { bytes: 10 } } },
    Conditions: {
      IsFive: { 'Fn::Equals': [{ Ref: 'Size' }, '5'] },
      Never: { 'Fn::And': [{ Condition: 'IsFive' }, { 'Fn::Not': [{ Condition: 'IsFive' }] }] },
      Either: { 'Fn::Or': [{ Condition: 'Never' }, { Condition: 'IsFive' }] },
    },
    Resources: {
      Probe: { Type: 'Test::Probe', Properties: { value } },
      Queue: { Type: 'AWS::SQS::Queue' },
      Absent: { Type: 'AWS::SQS::Queue', Condition: 'Never' },
    },
    ...extra,
  });
  const two = templateSchema.parse({
    Outputs: {
      Answer: {
        Value: { 'Fn::Join': ['', ['4', '2']] },
        Export: { Name: { 'Fn::Sub': '${AWS::StackName}:answer' } },
      },
    },
  });
  const { resources } = planDeployment(
    {
      stacks: [
        { id: 'One', stackName: 'one', template: one },
        { id: 'Two', stackName: 'two', template: two },
      ],
      assets: new Map(),
    },
    { endpoint: 'http://127.0.0.1:1', parameters: { Open: 'given' } },
  );
  expect(resources.map(({ logicalId }) => logicalId)).not.toContain('Absent');
  return resources.find(({ logicalId }) => logicalId === 'Probe')?.properties['value'];
}

describe('intrinsic functions', () => {
  it.each<[string, Json, Json]>([
    ['a parameter by default', { Ref: 'Size' }, '5'],
    ['a parameter given', { Ref: 'Open' }, 'given'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Join over parts', { 'Fn::Join': ['-', ['a', { Ref: 'Size' }, 3]] }, 'a-5-3'],
    ['Select of Split', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [
      'Sub with own names, literals and pseudo parameters',
      { 'Fn::Sub': ['${x}|${!y}|${AWS::AccountId}', { x: { Ref: 'Size' } }] },
      '5|${y}|000000000000',
    ],
    ['If, taken', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['If, not taken', { 'Fn::If': ['Never', 'yes', 'no'] }, 'no'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'bytes'] }, 10],
    ['ImportValue', { 'Fn::ImportValue': 'two:answer' }, '42'],
    [
      'GetStackOutput',
      { 'Fn::GetStackOutput': { StackName: 'two', OutputName: 'Answer', Region: { Ref: 'AWS::Region' } } },
      '42',
    ],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['GetAZs of this Region', { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] }, 'us-east-1b'],
    ['GetAZs of another', { 'Fn::GetAZs': 'eu-west-1' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    [
      'NoValue in objects and lists',
      { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] },
      { b: [1] },
    ],
    ['an object of two members, which is no function', { Ref: 'x', other: 1 }, { Ref: 'x', other: 1 }],
  ])('resolves %s', (_, value, expected) => {
    expect(probe(value)).toEqual(expected);
  });

  it('resolves GetAtt in both notations, and inside Sub', () => {
    expect(probe({ 'Fn::GetAtt': ['Queue', 'Arn'] })).toMatch(QUEUE_ARN);
    expect(probe({ 'Fn::GetAtt': 'Queue.Arn' })).toMatch(QUEUE_ARN);
    expect(probe({ 'Fn::Sub': '${Queue.Arn}' })).toMatch(QUEUE_ARN);
    expect(probe({ Ref: 'Queue' })).toMatch(/^http:\/\/127.0.0.1:1\/000000000000\/one-Queue-/);
  });

  it.each<[string, Json, RegExp]>([
    [
      'an unknown function',
      { 'Fn::Transform': {} },
      /one\/Probe.value: The intrinsic function Fn::Transform is not imitated/,
    ],
    ['an unknown name', { Ref: 'Nobody' }, /one\/Nobody: there is no such resource or parameter/],
    [
      'an unknown attribute',
      { 'Fn::GetAtt': ['Queue', 'Colour'] },
      /Colour of AWS::SQS::Queue is not imitated/,
    ],
    [
      'an output there is not',
      { 'Fn::GetStackOutput': { StackName: 'two', OutputName: 'Question' } },
      /reads Question of two/,
    ],
    ['an export there is not', { 'Fn::ImportValue': 'two:question' }, /no stack exports/],
    ['a Select beyond the list', { 'Fn::Select': [2, ['a']] }, /nothing at 2/],
  ])('refuses %s', (_, value, message) => {
    expect(() => probe(value)).toThrow(message);
  });
});

describe('order', () => {
  function order(resources: Record<string, unknown>): string[] {
    const template = templateSchema.parse({ Resources: resources });
    const assembly = {
      stacks: [{ id: 'One', stackName: 'one', template }],
      assets: new Map<string, string>(),
    };
    return planDeployment(assembly, { endpoint: '' }).resources.map(({ logicalId }) => logicalId);
  }

  it('puts a resource after what it refers to or depends on', () => {
    expect(
      order({
        A: { Type: 'T', Properties: { x: { 'Fn::Sub': '${B}-${C.Arn}' } } },
        B: { Type: 'T', DependsOn: 'D' },
        C: { Type: 'T', Properties: { x: [{ 'Fn::GetAtt': ['D', 'Arn'] }] } },
        D: { Type: 'T' },
      }),
    ).toEqual(['D', 'B', 'C', 'A']);
  });

  it('shows a circle', () => {
    expect(() =>
      order({ A: { Type: 'T', Properties: { x: { Ref: 'B' } } }, B: { Type: 'T', DependsOn: ['A'] } }),
    ).toThrow('one/A → one/B → one/A');
  });

  it('keeps names from one start to the next, within their services’ limits', () => {
    const template = templateSchema.parse({
      Resources: { [`Bucket${'X'.repeat(80)}`]: { Type: 'AWS::S3::Bucket' } },
    });
    const plan = () =>
      planDeployment(
        { stacks: [{ id: 'S', stackName: 's', template }], assets: new Map() },
        { endpoint: '' },
      );
    const [first] = plan().resources;
    expect(first?.identity.name).toMatch(/^s-bucketx+-[0-9a-f]{10}$/);
    expect(first?.identity.name).toHaveLength(63);
    expect(plan().resources[0]?.identity).toEqual(first?.identity);
    expect(isJsonObject(first?.properties)).toBe(true);
  });
});
