import { type Break, drop, resource, set, unset } from './mutations.ts';

/** Mistakes with what grows and shrinks. */
export const SCALING_BREAKS: readonly Break[] = [
  {
    invariant: 'scalingAlarmsOnlyScale',
    what: 'readers removed because nothing is known of them',
    inflict: set('Storage', 'DatabaseReadersRemoveAlarm', { TreatMissingData: 'breaching' }),
    finding: 'scales when it knows nothing',
  },
  {
    invariant: 'scalingAlarmsOnlyScale',
    what: 'a muted alarm that should scale',
    inflict: set('Storage', 'DatabaseReadersAddAlarm', { ActionsEnabled: false }),
    finding: 'is muted',
  },
  {
    invariant: 'scalingAlarmsOnlyScale',
    what: 'an alarm that scales without saying so',
    inflict: unset('Storage', 'DatabaseReadersAddAlarm', 'AlarmDescription'),
    finding: 'does not say that it scales',
  },
  {
    invariant: 'scalingAlarmsOnlyScale',
    what: 'an alarm that scales when it is over',
    inflict: (assembly) => {
      const { Properties } = resource(assembly, 'Storage', 'DatabaseReadersAddAlarm');
      Properties['OKActions'] = Properties['AlarmActions'] ?? [];
    },
    finding: 'scales when nothing is the matter',
  },
  {
    invariant: 'alarmsAreActionable',
    what: 'an alarm of people that is passed off as one that scales',
    inflict: (assembly) => {
      const { Properties } = resource(assembly, 'Storage', 'DatabaseReadersAddAlarm');
      Properties['AlarmActions'] = [];
    },
    finding: 'DatabaseReadersAddAlarmDB92CBC6 does not say impact',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'steps that no alarm takes',
    inflict: drop('Storage', 'DatabaseReadersRemoveAlarm'),
    finding: 'is not driven by one alarm',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'steps without a pause',
    inflict: set('Storage', 'DatabaseReadersAdd', {
      StepScalingPolicyConfiguration: { StepAdjustments: [{ ScalingAdjustment: 2 }] },
    }),
    finding: 'does not pause',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'a step on the other side of the threshold',
    inflict: set('Storage', 'DatabaseReadersAdd', {
      StepScalingPolicyConfiguration: {
        Cooldown: 300,
        StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: 2 }],
      },
    }),
    finding: 'has no step for some of what rings its alarm',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'a gap between steps',
    inflict: set('Storage', 'DatabaseReadersAdd', {
      StepScalingPolicyConfiguration: {
        Cooldown: 300,
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 2 },
          { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
        ],
      },
    }),
    finding: 'has no step for some of what rings its alarm',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'steps of a service that has none',
    inflict: set('Storage', 'DatabaseReadersCount', { ServiceNamespace: 'lambda' }),
    finding: 'cannot be scaled in steps',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'readers that only come',
    inflict: drop('Storage', 'DatabaseReadersRemove'),
    finding: 'never shrinks',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'readers that only go',
    inflict: drop('Storage', 'DatabaseReadersAdd'),
    finding: 'never grows',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'a target besides the steps',
    inflict: set('Storage', 'DatabaseReadersRemove', { PolicyType: 'TargetTrackingScaling' }),
    finding: 'is scaled by steps and by a target',
  },
  {
    invariant: 'stepsAreDriven',
    what: 'bounds that nothing moves between',
    inflict: (assembly) => {
      drop('Storage', 'DatabaseReadersAdd')(assembly);
      drop('Storage', 'DatabaseReadersRemove')(assembly);
    },
    finding: 'is scaled by nothing',
  },
];
