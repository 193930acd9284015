import { beforeAll, expect, test } from 'vitest'
import { describeWith } from '../capabilities.ts'

type Cdk = typeof import('./synthesised.ts')

describeWith('cdk', 'the stack', () => {
  let Match: Cdk['Match']
  let template: ReturnType<Cdk['synthesised']>
  let cdk: Cdk

  beforeAll(async () => {
    cdk = await import('./synthesised.ts')
    Match = cdk.Match
    template = cdk.synthesised()
  })

  test('keeps both buckets private, versioned, encrypted and beyond the life of the stack', () => {
    template.resourceCountIs('AWS::S3::Bucket', 2)
    template.allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: Match.arrayWith([
            Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } }),
            Match.objectLike({ NoncurrentVersionExpiration: Match.anyValue() }),
          ]),
        },
      }),
    })
    template.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      }),
    })
  })

  test('lets checkpoints of a night go with its run, and those of a good night within a week', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 7 } }),
          Match.objectLike({ ExpirationInDays: 365, Prefix: 'nights/' }),
        ]),
      },
    })
  })

  test('never gives a tag another image, and scans what is pushed', () => {
    template.hasResourceProperties('AWS::ECR::Repository', {
      ImageTagMutability: 'IMMUTABLE',
      ImageScanningConfiguration: { ScanOnPush: true },
    })
  })

  test('has no NAT gateway and no address of its own, lets nothing in, and HTTPS out', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 0)
    template.resourceCountIs('AWS::EC2::EIP', 0)
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0)
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
    })
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' })
  })

  test('asks for Spot first and for machines on demand then, and keeps none between jobs', () => {
    const environments = Object.entries(template.findResources('AWS::Batch::ComputeEnvironment'))
    const order = Object.values(template.findResources('AWS::Batch::JobQueue'))[0].Properties
      .ComputeEnvironmentOrder as { Order: number; ComputeEnvironment: { Ref: string } }[]
    const types = order.map(({ Order, ComputeEnvironment }) => {
      const [, environment] = environments.find(([id]) => id === ComputeEnvironment.Ref)!
      const { Type, MinvCpus, AllocationStrategy, Ec2Configuration } = environment.Properties.ComputeResources
      return [Order, Type, MinvCpus, AllocationStrategy, Ec2Configuration[0].ImageType]
    })
    expect(types).toEqual([
      [1, 'SPOT', 0, 'SPOT_PRICE_CAPACITY_OPTIMIZED', 'ECS_AL2023_NVIDIA'],
      [2, 'EC2', 0, 'BEST_FIT_PROGRESSIVE', 'ECS_AL2023_NVIDIA'],
    ])
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: Match.objectLike({ MetadataOptions: Match.objectLike({ HttpTokens: 'required' }) }),
    })
  })

  test('cancels a job that no machine can take', () => {
    const { JobQueueName, JobStateTimeLimitActions } = Object.values(
      template.findResources('AWS::Batch::JobQueue'),
    )[0].Properties
    expect(JobQueueName).toBe('nightjar')
    const actions = JobStateTimeLimitActions as Record<string, string | number>[]
    expect(actions.map(({ Reason }) => Reason)).toEqual([
      'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY',
      'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE',
      'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
    ])
    for (const { Action, State, MaxTimeSeconds } of actions) {
      expect([Action, State]).toEqual(['CANCEL', 'RUNNABLE'])
      // What Batch takes.
      expect(MaxTimeSeconds).toBeGreaterThanOrEqual(600)
      expect(MaxTimeSeconds).toBeLessThanOrEqual(86_400)
    }
  })

  test('tries a job again where Spot took its machine, and in no other case', () => {
    template.hasResourceProperties('AWS::Batch::JobDefinition', {
      JobDefinitionName: 'nightjar',
      RetryStrategy: {
        Attempts: 3,
        EvaluateOnExit: [
          { OnStatusReason: 'Host EC2*', Action: 'RETRY' },
          { OnReason: '*', Action: 'EXIT' },
        ],
      },
      Timeout: { AttemptDurationSeconds: Match.anyValue() },
    })
  })

  test('runs the job as nobody in particular, on a file system it cannot write, with one GPU', () => {
    template.hasResourceProperties('AWS::Batch::JobDefinition', {
      ContainerProperties: Match.objectLike({
        User: '10001:10001',
        Privileged: Match.absent(),
        ReadonlyRootFilesystem: true,
        LinuxParameters: Match.objectLike({ InitProcessEnabled: true }),
        ResourceRequirements: Match.arrayWith([{ Type: 'GPU', Value: '1' }]),
        Secrets: [Match.objectLike({ Name: 'CLOUDFLARE_API_TOKEN' })],
      }),
    })
  })

  test('keeps the log of jobs for a while', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/nightjar/jobs',
      RetentionInDays: 90,
    })
  })

  test('submits a night with its scheduled time, tries that twice for an hour, and keeps what failed', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'nightjar-nightly',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: Match.objectLike({
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: Match.anyValue(),
      }),
    })
    template.hasResourceProperties('AWS::Scheduler::ScheduleGroup', { Name: 'nightjar' })
  })

  test('makes the secret without a value', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      SecretString: Match.absent(),
      GenerateSecretString: Match.absent(),
    })
  })

  test('tells somebody of failed and stuck jobs, of silence and of dead letters', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email' })
    for (const [type, detail] of [
      ['Batch Job State Change', { status: ['FAILED'] }],
      ['Batch Job Queue Blocked', {}],
    ] as const) {
      template.hasResourceProperties('AWS::Events::Rule', {
        EventPattern: Match.objectLike({
          source: ['aws.batch'],
          'detail-type': [type],
          detail: Match.objectLike(detail),
        }),
        Targets: [Match.objectLike({ InputTransformer: Match.anyValue() })],
      })
    }
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.event = "nightly.done" }',
    })
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'nightjar-NothingPublished',
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
      Period: 3600,
    })
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'nightjar-DeadLetters',
      MetricName: 'ApproximateNumberOfMessagesVisible',
    })
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [Match.anyValue()] })
  })

  test('takes what context gives, and asks for no parameter then', () => {
    const given = {
      alarmEmail: 'night@shop.example',
      cloudflareAccountId: '0'.repeat(32),
      kvNamespaceId: 'a'.repeat(32),
      imageTag: 'f885b37',
      cron: 'cron(30 3 * * ? *)',
      timezone: 'Europe/Berlin',
      scheduleState: 'DISABLED',
      timeoutSeconds: '7200',
      gpuTypes: 'g4dn,g5',
      vcpusMax: '8',
      silentHours: '30',
    }
    const filled = cdk.synthesised(given)
    expect(filled.findParameters('*')).toEqual({})
    filled.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: given.cron,
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'DISABLED',
    })
    filled.hasResourceProperties('AWS::Batch::ComputeEnvironment', {
      ComputeResources: Match.objectLike({ InstanceTypes: ['g4dn', 'g5'], MaxvCpus: 8 }),
    })
    filled.hasResourceProperties('AWS::Batch::JobDefinition', { Timeout: { AttemptDurationSeconds: 7200 } })
    filled.hasResourceProperties('AWS::CloudWatch::Alarm', { EvaluationPeriods: 30 })
    filled.hasResourceProperties('AWS::SNS::Subscription', { Endpoint: given.alarmEmail })
  })

  test.each([
    ['alarmEmail', 'nobody'],
    ['kvNamespaceId', 'LISTS'],
    ['cron', '0 2 * * *'],
    ['cron', 'cron(0 2 * * *)'],
    ['timezone', 'Europa/Berlin'],
    ['timeoutSeconds', '30'],
    ['timeoutSeconds', 'an hour'],
    ['gpuTypes', 'g4dn, g5'],
    ['silentHours', '169'],
  ])('refuses %s: %s', (name, value) => {
    expect(() => cdk.synthesised({ [name]: value })).toThrow(`invalid ${name}: ${value}`)
  })

  test('refuses a name that is no setting', () => {
    expect(() => cdk.synthesised({ imagetag: 'f885b37' })).toThrow(/^unknown setting: imagetag .*imageTag/)
  })
})
