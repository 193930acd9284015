import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { accept } from './accepted.ts'
import type { Compute } from './compute.ts'
import type { Job } from './job.ts'
import type { Settings } from './settings.ts'

interface ScheduleProps {
  compute: Compute
  job: Job
  settings: Settings
}

/** Submits a night at its hour. What cannot be submitted ends in a queue that somebody is told of. */
export class Schedule extends Construct {
  readonly deadLetters: Queue
  readonly role: Role

  constructor(scope: Construct, id: string, { compute, job, settings }: ScheduleProps) {
    super(scope, id)
    const group = new CfnScheduleGroup(this, 'Group', { name: 'nightjar' })
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    accept(this.deadLetters, 'it is the dead-letter queue', 'SQS3')
    this.role = this.#role(group, compute)
    new CfnSchedule(this, 'Nightly', {
      name: 'nightjar-nightly',
      groupName: group.ref,
      description: 'starts a night of nightjar',
      scheduleExpression: settings.cron,
      scheduleExpressionTimezone: settings.timezone,
      state: settings.scheduleState,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        // The API of Batch itself: with it the scheduled time can be handed to the job.
        arn: `arn:${Stack.of(this).partition}:scheduler:::aws-sdk:batch:submitJob`,
        roleArn: this.role.roleArn,
        input: Stack.of(this).toJsonString({
          JobName: 'nightly',
          JobQueue: compute.queue.ref,
          JobDefinition: job.definition.ref,
          Parameters: { at: '<aws.scheduler.scheduled-time>' },
        }),
        // Left alone it would try 185 times in a day, and submit yesterday's night beside today's.
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: this.deadLetters.queueArn },
      },
    })
  }

  #role(group: CfnScheduleGroup, compute: Compute): Role {
    const stack = Stack.of(this)
    const role = new Role(this, 'Role', {
      description: 'nightjar: lets the schedules of its group submit its job',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group.attrArn } },
      }),
    })
    const definition = stack.formatArn({
      service: 'batch',
      resource: 'job-definition',
      resourceName: 'nightjar',
    })
    role.addToPolicy(
      new PolicyStatement({
        actions: ['batch:SubmitJob'],
        resources: [compute.queue.ref, definition, `${definition}:*`],
      }),
    )
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
    )
    accept(
      role,
      'every revision of the one job definition',
      'IAM5[Resource::arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>:job-definition/nightjar:*]',
    )
    return role
  }
}
