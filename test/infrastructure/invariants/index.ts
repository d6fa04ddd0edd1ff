import type { Assembly } from '../template.ts';
import { WILDCARD_REASONS } from '../wildcard-reasons.ts';
import { alarmsAreActionable, alarmsFitCloudWatch, alarmsKnowMissingData } from './alarms.ts';
import { callersAreLetIn } from './callers.ts';
import { cachesAreBounded, clustersAreClosed, databasesForgetLogs, proxiesAreClosed } from './databases.ts';
import { expressionsAreKnown } from './expressions.ts';
import {
  eventSourcesKeepMessages,
  functionsAreModern,
  functionsForgetLogs,
  functionsHaveOwnRoles,
  onlyCallersReserve,
} from './functions.ts';
import { functionsFitLambda, rolesFitIam, templatesFitCloudFormation } from './limits.ts';
import {
  connectedFunctionsAreInside,
  networksAreIsolated,
  networksLogRejections,
  securityGroupsAreNarrow,
} from './network.ts';
import { pagesAreComplete, pagesAreMadeOfAlarms, pagesOnlyWake } from './pages.ts';
import {
  deadLettersAreKept,
  queuesAreEncrypted,
  queuesHaveAlarms,
  queuesRedrive,
  rulesKeepUndelivered,
} from './queues.ts';
import { scalingAlarmsOnlyScale, stepsAreDriven } from './scaling.ts';
import {
  resourceGraphsAreAcyclic,
  stackGraphIsAcyclic,
  stackReferencesResolve,
  stacksAreNotLocked,
  stacksFitAnywhere,
} from './stacks.ts';
import { grantsAreNarrow } from './statements.ts';
import { bucketsArePrivate, storesAreKept, tablesAreRecoverable, topicsAreEncrypted } from './stores.ts';

/** What holds for all resources of a kind on every stage. Each gives its findings; none means that it holds. */
export const INVARIANTS: Readonly<Record<string, (assembly: Assembly) => string[]>> = {
  queuesRedrive,
  deadLettersAreKept,
  queuesHaveAlarms,
  queuesAreEncrypted,
  rulesKeepUndelivered,
  alarmsAreActionable,
  alarmsKnowMissingData,
  alarmsFitCloudWatch,
  expressionsAreKnown,
  pagesAreComplete,
  pagesAreMadeOfAlarms,
  pagesOnlyWake,
  scalingAlarmsOnlyScale,
  stepsAreDriven,
  bucketsArePrivate,
  topicsAreEncrypted,
  tablesAreRecoverable,
  storesAreKept,
  clustersAreClosed,
  databasesForgetLogs,
  proxiesAreClosed,
  cachesAreBounded,
  networksAreIsolated,
  networksLogRejections,
  securityGroupsAreNarrow,
  connectedFunctionsAreInside,
  grantsAreNarrow: (assembly) => grantsAreNarrow(assembly, WILDCARD_REASONS),
  functionsAreModern,
  functionsForgetLogs,
  functionsHaveOwnRoles,
  onlyCallersReserve,
  eventSourcesKeepMessages,
  callersAreLetIn,
  stacksAreNotLocked,
  stackReferencesResolve,
  stackGraphIsAcyclic,
  resourceGraphsAreAcyclic,
  stacksFitAnywhere,
  templatesFitCloudFormation,
  functionsFitLambda,
  rolesFitIam,
};
