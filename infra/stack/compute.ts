import { Stack } from 'aws-cdk-lib'
import { CfnComputeEnvironment, CfnJobQueue } from 'aws-cdk-lib/aws-batch'
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2'
import { CfnInstanceProfile, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { accept } from './accepted.ts'
import type { Network } from './network.ts'
import type { Settings } from './settings.ts'

const hours = 3600

interface ComputeProps {
  network: Network
  settings: Settings
}

/** GPU machines that exist while a job runs: Spot first, on demand where Spot has none. One queue for both. */
export class Compute extends Construct {
  readonly queue: CfnJobQueue

  constructor(scope: Construct, id: string, props: ComputeProps) {
    super(scope, id)
    const profile = this.#instanceProfile()
    const template = this.#launchTemplate()
    const environment = (type: 'SPOT' | 'EC2') => this.#environment(type, props, profile, template)
    const [spot, onDemand] = [environment('SPOT'), environment('EC2')]
    this.queue = new CfnJobQueue(this, 'Queue', {
      jobQueueName: 'nightjar',
      priority: 1,
      computeEnvironmentOrder: [
        { order: 1, computeEnvironment: spot.ref },
        { order: 2, computeEnvironment: onDemand.ref },
      ],
      // Otherwise a job that no machine can take waits for ever, and every later night behind it.
      jobStateTimeLimitActions: [
        cancelAfter(3 * hours, 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY'),
        cancelAfter(hours / 2, 'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE'),
        cancelAfter(hours / 2, 'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT'),
      ],
    })
  }

  #environment(
    type: 'SPOT' | 'EC2',
    { network, settings }: ComputeProps,
    profile: CfnInstanceProfile,
    template: CfnLaunchTemplate,
  ): CfnComputeEnvironment {
    return new CfnComputeEnvironment(this, type === 'SPOT' ? 'Spot' : 'OnDemand', {
      type: 'MANAGED',
      state: 'ENABLED',
      // No service role: with Batch's own service-linked one an environment is updated in place.
      replaceComputeEnvironment: false,
      updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: 360 },
      computeResources: {
        type,
        allocationStrategy: type === 'SPOT' ? 'SPOT_PRICE_CAPACITY_OPTIMIZED' : 'BEST_FIT_PROGRESSIVE',
        minvCpus: 0,
        maxvCpus: settings.vcpusMax,
        instanceTypes: settings.gpuTypes,
        ec2Configuration: [{ imageType: 'ECS_AL2023_NVIDIA' }],
        instanceRole: profile.attrArn,
        launchTemplate: {
          launchTemplateId: template.ref,
          // A number, not $Latest: so that a changed template is a change of the environment.
          version: template.attrLatestVersionNumber,
        },
        subnets: network.subnetIds,
        securityGroupIds: [network.securityGroup.securityGroupId],
        updateToLatestImageVersion: true,
        tags: { Name: 'nightjar' },
      },
    })
  }

  #instanceProfile(): CfnInstanceProfile {
    const role = new Role(this, 'InstanceRole', {
      description: 'nightjar: what the ECS agent on a machine may do',
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEC2ContainerServiceforEC2Role'),
      ],
    })
    accept(
      role,
      "Batch asks for this policy by name, and it follows what the machines' agent needs",
      `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]`,
    )
    return new CfnInstanceProfile(this, 'InstanceProfile', { roles: [role.roleName] })
  }

  #launchTemplate(): CfnLaunchTemplate {
    return new CfnLaunchTemplate(this, 'Machine', {
      // A name of its own for each stack: Batch keeps templates by name.
      launchTemplateName: `${Stack.of(this).stackName}-machine`,
      launchTemplateData: {
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: '/dev/xvda',
            // The image, and what import spills.
            ebs: { volumeType: 'gp3', volumeSize: 100, encrypted: true, deleteOnTermination: true },
          },
        ],
      },
    })
  }
}

function cancelAfter(maxTimeSeconds: number, reason: string): CfnJobQueue.JobStateTimeLimitActionProperty {
  return { action: 'CANCEL', state: 'RUNNABLE', maxTimeSeconds, reason }
}
