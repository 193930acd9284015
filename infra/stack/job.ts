import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { CfnJobDefinition } from 'aws-cdk-lib/aws-batch'
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { accept } from './accepted.ts'
import type { Images } from './images.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { prefixes, type Storage } from './storage.ts'

interface JobProps {
  storage: Storage
  images: Images
  secrets: Secrets
  settings: Settings
}

/** Where import spills to; the image makes it, and it is the one place on disk that the job may write. */
const scratch = '/scratch'

/** The night as a job of Batch: which image, which command, what it may do, and when it is tried again. */
export class Job extends Construct {
  readonly definition: CfnJobDefinition
  readonly logGroup: LogGroup

  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id)
    const { storage, images, secrets, settings } = props
    this.logGroup = new LogGroup(this, 'Log', {
      logGroupName: '/nightjar/jobs',
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const region = Stack.of(this).region
    this.definition = new CfnJobDefinition(this, 'Definition', {
      jobDefinitionName: 'nightjar',
      type: 'container',
      platformCapabilities: ['EC2'],
      timeout: { attemptDurationSeconds: settings.timeoutSeconds },
      // A machine that Spot takes back is no fault of the job. All else would fail again, at the price of a GPU.
      retryStrategy: {
        attempts: 3,
        evaluateOnExit: [
          { onStatusReason: 'Host EC2*', action: 'RETRY' },
          { onReason: '*', action: 'EXIT' },
        ],
      },
      containerProperties: {
        image: images.repository.repositoryUriForTag(settings.imageTag),
        command: nightlyCommand(storage, settings),
        jobRoleArn: this.#jobRole(storage).roleArn,
        executionRoleArn: this.#executionRole(props).roleArn,
        resourceRequirements: [
          { type: 'GPU', value: '1' },
          { type: 'VCPU', value: '4' },
          // Of the 16 GiB of the smallest machine, less what the system and the agent keep.
          { type: 'MEMORY', value: '14000' },
        ],
        environment: [
          { name: 'AWS_REGION', value: region },
          { name: 'CLOUDFLARE_ACCOUNT_ID', value: settings.cloudflareAccountId },
          { name: 'NIGHTJAR_LOG', value: 'json' },
          { name: 'TMPDIR', value: scratch },
        ],
        secrets: [{ name: 'CLOUDFLARE_API_TOKEN', valueFrom: secrets.cloudflareToken.ref }],
        user: '10001:10001',
        readonlyRootFilesystem: true,
        volumes: [{ name: 'scratch', host: {} }],
        mountPoints: [{ sourceVolume: 'scratch', containerPath: scratch, readOnly: false }],
        linuxParameters: {
          // Passes SIGTERM on to node, and collects what a probe of the GPU leaves.
          initProcessEnabled: true,
          tmpfs: [{ containerPath: '/tmp', size: 64, mountOptions: ['rw', 'nosuid', 'nodev'] }],
        },
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': this.logGroup.logGroupName,
            'awslogs-region': region,
            'awslogs-stream-prefix': 'nightjar',
          },
        },
      },
    })
  }

  /** What the code in the container may do: its own files in the two buckets, and nothing else. */
  #jobRole({ data, runs }: Storage): IRole {
    const role = new Role(this, 'Role', {
      description: 'nightjar: what a night may do',
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    })
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [data.bucketArn, runs.bucketArn] }),
    )
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [data.arnForObjects(`${prefixes.incoming}/*`)],
      }),
    )
    const own: [Bucket, string][] = [
      [data, prefixes.dataset],
      [runs, prefixes.runs],
    ]
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
        resources: own.map(([bucket, prefix]) => bucket.arnForObjects(`${prefix}/*`)),
      }),
    )
    accept(
      role,
      "the names of a dataset's and a run's files are not known before; the prefix bounds them",
      filesFinding(data, prefixes.incoming),
      ...own.map(([bucket, prefix]) => filesFinding(bucket, prefix)),
    )
    return role
  }

  /** What the agent does before and around the container: pull the image, read the secret, write the log. */
  #executionRole({ images, secrets }: JobProps): IRole {
    const role = new Role(this, 'ExecutionRole', {
      description: 'nightjar: pulls the image, reads the token, writes the log',
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    })
    const allow = (resource: string, ...actions: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }))
    // A token for the registry is not a resource: the service takes only `*`.
    allow('*', 'ecr:GetAuthorizationToken')
    allow(
      images.repository.repositoryArn,
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:BatchGetImage',
    )
    allow(this.logGroup.logGroupArn, 'logs:CreateLogStream', 'logs:PutLogEvents')
    allow(secrets.cloudflareToken.ref, 'secretsmanager:GetSecretValue')
    accept(role, 'ecr:GetAuthorizationToken takes no other resource', 'IAM5[Resource::*]')
    return role
  }
}

/** As cdk-nag names a permission on all files under a prefix. */
function filesFinding(bucket: Bucket, prefix: string): string {
  const name = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket)
  return `IAM5[Resource::<${name}.Arn>/${prefix}/*]`
}

/** `Ref::at` is a parameter of the job: the time that the night stands for, which the scheduler knows. */
function nightlyCommand({ data, runs }: Storage, { kvNamespaceId }: Settings): string[] {
  return [
    ...['nightly', '--dataset', `s3://${data.bucketName}/${prefixes.dataset}`],
    ...['--import', `s3://${data.bucketName}/${prefixes.incoming}`],
    ...['--runs', `s3://${runs.bucketName}/${prefixes.runs}`],
    ...['--to', `cloudflare:${kvNamespaceId}`],
    // JCA is what runs on a GPU; the blend that is the default elsewhere runs on CPUs.
    ...['--at', 'Ref::at', '--model', 'jca', '--require-gpu'],
  ]
}
