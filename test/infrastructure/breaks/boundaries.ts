import type { Json } from '../template.ts';
import { type Break, drop, set, stack } from './mutations.ts';

const QUEUE_ARN = { 'Fn::GetAtt': ['AnalysisQueueB05B760F', 'Arn'] };

function allow(statement: Record<string, Json>): Record<string, Json> {
  return { PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } };
}

/** Mistakes with what may be done by whom, and with what stacks know of each other. */
export const BOUNDARY_BREAKS: readonly Break[] = [
  {
    invariant: 'grantsAreNarrow',
    what: 'a grant of every action',
    inflict: set('Processing', 'AnalysisQueuePolicy', allow({ Action: 'sqs:*', Resource: QUEUE_ARN })),
    finding: 'sqs:* on',
  },
  {
    invariant: 'grantsAreNarrow',
    what: 'a grant on every resource in the policy of a role',
    inflict: (assembly) => {
      const policy = { Statement: { Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' } };
      Object.assign(stack(assembly, 'Processing').template.Resources, {
        Worker: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: policy }] } },
      });
    },
    finding: 'Processing/Worker: s3:GetObject on *',
  },
  {
    invariant: 'grantsAreNarrow',
    what: 'a grant to everyone',
    inflict: set(
      'Storage',
      'DataPolicy',
      allow({ Principal: '*', Action: 's3:GetObject', Resource: { 'Fn::GetAtt': ['Data666C94C7', 'Arn'] } }),
    ),
    finding: 'for everyone',
  },
  {
    invariant: 'grantsAreNarrow',
    what: 'a grant of all but something',
    inflict: set('Storage', 'DataPolicy', allow({ NotAction: 's3:DeleteObject', Resource: 'x' })),
    finding: 'everything but something',
  },
  {
    invariant: 'grantsAreNarrow',
    what: 'a reason whose grant is gone',
    inflict: drop('Storage', 'AccessLogsPolicy'),
    finding: 'a reason for nothing',
  },
  {
    invariant: 'stacksAreNotLocked',
    what: 'an export',
    inflict: (assembly) => {
      const { Outputs } = stack(assembly, 'Storage').template;
      Object.assign(Outputs, { Exported: { Value: 'data', Export: { Name: 'data' } } });
    },
    finding: 'Storage exports Exported',
  },
  {
    invariant: 'stacksAreNotLocked',
    what: 'an import',
    inflict: set('Processing', 'Uploaded', { Description: { 'Fn::ImportValue': 'data' } }),
    finding: 'Processing imports a value',
  },
  {
    invariant: 'stackReferencesResolve',
    what: 'an output that is gone',
    inflict: (assembly) => {
      const { Outputs } = stack(assembly, 'Storage').template;
      for (const name of Object.keys(Outputs)) delete Outputs[name];
    },
    finding: 'which nobody gives',
  },
  {
    invariant: 'stackReferencesResolve',
    what: 'a stack deployed before what it reads',
    inflict: (assembly) => {
      stack(assembly, 'Processing').dependsOn = [];
    },
    finding: 'of a later stack',
  },
  {
    invariant: 'stackGraphIsAcyclic',
    what: 'a circle of stacks',
    inflict: (assembly) => {
      stack(assembly, 'Storage').dependsOn = ['Observability'];
    },
    finding: 'Storage depends on itself',
  },
  {
    invariant: 'stacksFitAnywhere',
    what: 'a Region in a template',
    inflict: (assembly) => {
      const { stacks } = assembly;
      assembly.stacks = stacks.map((each) => ({ ...each, text: '{"Ref":"eu-west-1"}' }));
    },
    finding: 'Storage names eu-west-1',
  },
  {
    invariant: 'stacksFitAnywhere',
    what: 'a stack bound to an account',
    inflict: (assembly) => {
      const { stacks } = assembly;
      assembly.stacks = stacks.map((each) => ({ ...each, environment: 'aws://123456789012/eu-west-1' }));
    },
    finding: 'is bound to',
  },
];
