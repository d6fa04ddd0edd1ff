import { Duration, Stack } from 'aws-cdk-lib';
import { AlarmRule, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { describeAlarm, type OperationalAlarm } from '../constructs/operational-alarm.ts';
import { PAGES, type PageName, type Sign } from './page-texts.ts';

export interface PagesProps {
  /** All alarms of the stage. */
  readonly alarms: readonly OperationalAlarm[];
  /** Who is woken; nobody when absent, and then the alarms are there to be looked at. */
  readonly topic: ITopic | undefined;
}

/** Pages of what is a consequence wait so long for the page of its cause, and stay quiet so long after it. */
const WAIT = Duration.minutes(2);
const EXTENSION = Duration.minutes(5);

/**
 * What somebody is woken for: composite alarms by what users feel, so that an incident pages once and not once for every
 * alarm it sets off. The alarms they are made of are named by their entry of the runbook; those that a stage has not are
 * left out.
 */
export class Pages extends Construct {
  readonly all: readonly CompositeAlarm[];

  constructor(scope: Construct, id: string, { alarms, topic }: PagesProps) {
    super(scope, id);
    const apiDown = this.create('apiDown', alarms, topic);
    this.all = [
      apiDown,
      // While the API fails it is slow as well, which is no other incident.
      this.create('apiSlow', alarms, topic, apiDown),
      this.create('pipelineStuck', alarms, topic),
      this.create('workLost', alarms, topic),
      this.create('databaseExhausted', alarms, topic),
      this.create('canaryFailing', alarms, topic, apiDown),
      this.create('wrongNumbers', alarms, topic),
    ];
  }

  private create(
    name: PageName,
    alarms: readonly OperationalAlarm[],
    topic: ITopic | undefined,
    cause?: CompositeAlarm,
  ): CompositeAlarm {
    const { signs, ...text } = PAGES[name];
    const page = new CompositeAlarm(this, name, {
      compositeAlarmName: `${Stack.of(this).stackName}-${text.runbook}`,
      alarmDescription: describeAlarm(name, { ...text, severity: 'page' }),
      alarmRule: AlarmRule.fromString(signs.flatMap((sign) => ruleOf(sign, alarms)).join(' OR ')),
      ...(cause !== undefined && {
        actionsSuppressor: cause,
        actionsSuppressorWaitPeriod: WAIT,
        actionsSuppressorExtensionPeriod: EXTENSION,
      }),
    });
    // CloudWatch refuses a rule about an alarm that is not there yet.
    for (const alarm of alarms.filter(({ runbook }) => signs.some((sign) => entryOf(sign) === runbook))) {
      if (Stack.of(alarm) === Stack.of(page)) page.node.addDependency(alarm);
      else Stack.of(page).addStackDependency(Stack.of(alarm));
    }
    if (topic !== undefined) {
      const wake = new SnsAction(topic);
      page.addAlarmAction(wake);
      page.addOkAction(wake);
    }
    return page;
  }
}

/** None where the stage has no such alarm. */
function ruleOf(sign: Sign, alarms: readonly OperationalAlarm[]): string[] {
  const rung = alarms
    .filter(({ runbook }) => runbook === entryOf(sign))
    .map(({ fixedName }) => `ALARM("${fixedName}")`);
  return typeof sign === 'string' || rung.length === 0 ? rung : [`(${rung.join(' AND ')})`];
}

function entryOf(sign: Sign): string {
  return typeof sign === 'string' ? sign : sign.together;
}
