import { Duration, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { CfnRule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { Compute } from './compute.ts'
import type { Job } from './job.ts'
import type { Schedule } from './schedule.ts'
import type { Settings } from './settings.ts'

interface AlarmsProps {
  compute: Compute
  job: Job
  schedule: Schedule
  settings: Settings
}

/**
 * Four things that somebody must hear of, by mail: a job failed, a job waits for a machine that does not come, no
 * version was published for a day, a night could not be submitted.
 */
export class Alarms extends Construct {
  readonly #topic: Topic

  constructor(scope: Construct, id: string, { compute, job, schedule, settings }: AlarmsProps) {
    super(scope, id)
    this.#topic = this.#mailTo(settings.alarmEmail)
    this.#tellOf('JobFailed', {
      type: 'Batch Job State Change',
      detail: { status: ['FAILED'], jobQueue: [compute.queue.ref] },
      text: 'nightjar: job <name> failed: <reason>. See it: nightjar logs <id>',
    })
    this.#tellOf('JobStuck', {
      type: 'Batch Job Queue Blocked',
      detail: { jobQueue: [compute.queue.ref] },
      text: 'nightjar: job <name> waits for a machine: <reason>. See it: nightjar status <id>',
    })
    const published = new MetricFilter(this, 'Published', {
      logGroup: job.logGroup,
      filterPattern: FilterPattern.stringValue('$.event', '=', 'nightly.done'),
      metricNamespace: 'Nightjar',
      metricName: 'NightsDone',
      metricValue: '1',
    })
    this.#alarm('NothingPublished', {
      // Hours that slide, rather than one day: a night that takes longer than the last one is no silence.
      metric: published.metric({ statistic: 'Sum', period: Duration.hours(1) }),
      periods: settings.silentHours,
      below: true,
      missing: TreatMissingData.BREACHING,
      text: 'no night of nightjar ended well for a day; the last published version is still served',
    })
    this.#alarm('DeadLetters', {
      metric: schedule.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: Duration.minutes(5),
      }),
      periods: 1,
      below: false,
      missing: TreatMissingData.NOT_BREACHING,
      text: 'the schedule could not submit a night of nightjar; the message in the queue says why',
    })
  }

  #mailTo(email: string): Topic {
    const topic = new Topic(this, 'Topic', { displayName: 'nightjar', enforceSSL: true })
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsAndEvents',
        principals: ['cloudwatch', 'events'].map((name) => new ServicePrincipal(`${name}.amazonaws.com`)),
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    new CfnSubscription(this, 'Mail', { topicArn: topic.topicArn, protocol: 'email', endpoint: email })
    return topic
  }

  /** A mail for every event of Batch that fits. `<name>`, `<id>` and `<reason>` in the text are the job's. */
  #tellOf(id: string, { type, detail, text }: { type: string; detail: object; text: string }): void {
    new CfnRule(this, id, {
      eventPattern: { source: ['aws.batch'], 'detail-type': [type], detail },
      targets: [
        {
          id: 'mail',
          arn: this.#topic.topicArn,
          inputTransformer: {
            inputPathsMap: {
              name: '$.detail.jobName',
              id: '$.detail.jobId',
              reason: '$.detail.statusReason',
            },
            inputTemplate: JSON.stringify(text),
          },
        },
      ],
    })
  }

  #alarm(id: string, alarm: AlarmProps): void {
    new Alarm(this, id, {
      alarmName: `nightjar-${id}`,
      alarmDescription: alarm.text,
      metric: alarm.metric,
      threshold: 1,
      evaluationPeriods: alarm.periods,
      comparisonOperator: alarm.below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: alarm.missing,
    }).addAlarmAction(new SnsAction(this.#topic))
  }
}

interface AlarmProps {
  metric: IMetric
  periods: number
  /** Whether less than 1 is the trouble, or 1 and more. */
  below: boolean
  missing: TreatMissingData
  text: string
}
