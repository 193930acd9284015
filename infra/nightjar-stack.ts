import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { Alarms } from './stack/alarms.ts'
import { Compute } from './stack/compute.ts'
import { Images } from './stack/images.ts'
import { Job } from './stack/job.ts'
import { Network } from './stack/network.ts'
import { Schedule } from './stack/schedule.ts'
import { Secrets } from './stack/secrets.ts'
import { settingsOf } from './stack/settings.ts'
import { Storage } from './stack/storage.ts'

/** The whole of nightjar on AWS, in the order in which a night passes through it. */
export class NightjarStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props)
    const settings = settingsOf(this)

    const storage = new Storage(this, 'Storage')
    const images = new Images(this, 'Images')
    const secrets = new Secrets(this, 'Secrets')
    const network = new Network(this, 'Network')
    const compute = new Compute(this, 'Compute', { network, settings })
    const job = new Job(this, 'Job', { storage, images, secrets, settings })
    const schedule = new Schedule(this, 'Schedule', { compute, job, settings })
    new Alarms(this, 'Alarms', { compute, job, schedule, settings })

    const outputs = {
      DataBucket: storage.data.bucketName,
      RunBucket: storage.runs.bucketName,
      Repository: images.repository.repositoryUri,
      CloudflareSecret: secrets.cloudflareToken.ref,
      JobQueue: compute.queue.ref,
      JobDefinition: job.definition.ref,
      SchedulerRole: schedule.role.roleArn,
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}
