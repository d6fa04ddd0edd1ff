import { type Break, resource, set, stack } from './mutations.ts';

const PLENTY = 'x'.repeat(5000);

/** What a template may be by itself, and AWS does not take. */
export const LIMIT_BREAKS: readonly Break[] = [
  {
    invariant: 'templatesFitCloudFormation',
    what: 'more resources than a stack may have',
    inflict: (assembly) => {
      const { Resources } = stack(assembly, 'Api').template;
      for (let index = 0; index < 500; index++) Resources[`More${index}`] = topic();
    },
    finding: 'Api has ',
  },
  {
    invariant: 'functionsFitLambda',
    what: 'a plan that outgrows the variables of its function',
    inflict: (assembly) => {
      const { Properties } = resource(assembly, 'Processing', 'CapacityFunction');
      Properties['Environment'] = { Variables: { CAPACITY_PLAN: PLENTY } };
    },
    finding: 'bytes of variables',
  },
  {
    invariant: 'functionsFitLambda',
    what: 'a permission for every method of the API',
    inflict: (assembly) => {
      const { Resources } = stack(assembly, 'Api').template;
      const permission = Object.values(Resources).find(({ Type }) => Type === 'AWS::Lambda::Permission')!;
      for (let method = 0; method < 50; method++) Resources[`Method${method}`] = structuredClone(permission);
    },
    finding: 'bytes of permissions',
  },
  {
    invariant: 'rolesFitIam',
    what: 'a policy with a statement for everything',
    inflict: set('Processing', 'PipelineSweepRoleDefaultPolicy', {
      PolicyDocument: { Statement: [PLENTY, PLENTY, PLENTY] },
    }),
    finding: 'bytes of policies',
  },
  {
    invariant: 'resourceGraphsAreAcyclic',
    what: 'an alias that waits for an alarm about itself',
    inflict: (assembly) => {
      const { Properties } = resource(assembly, 'Api', 'FunctionsControlErrors');
      Properties['AlarmDescription'] = { Ref: 'FunctionsControlFunctionAliasliveAF2C4E8D' };
    },
    finding: 'Api/FunctionsControlFunctionAliasliveAF2C4E8D waits for itself',
  },
];

function topic() {
  return { Type: 'AWS::SNS::Topic', Properties: {} };
}
