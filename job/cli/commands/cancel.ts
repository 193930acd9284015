import type { Command } from 'commander'
import { type Cancellation, cancelJob } from '../../cloud/batch/cancel-job.ts'
import { checkJobId, checkReason } from '../../cloud/batch/limits.ts'
import { openBatch } from '../../cloud/clients.ts'
import type { Cloud } from '../../cloud/cloud.ts'
import { cloudOf } from '../cloud-options.ts'
import { action, command } from '../command.ts'

export function cancelCommand(open: () => Cloud): Command {
  return command('cancel', 'stop a job on AWS Batch, and wait until it has stopped', 'nightjar cancel JOB_ID')
    .argument('<job>', 'id of a job, or ID:INDEX for one of an array', checkJobId)
    .option('--reason <text>', 'what the job will say of it', checkReason, 'stopped by nightjar cancel')
    .action(
      action(async (context, jobId: string, flags: { reason: string }) => {
        const cloud = cloudOf(open, context)
        const done = await cancelJob(cloud, await openBatch(), jobId, flags.reason)
        context.result(done, () => describe(done))
      }),
    )
}

function describe({ jobId, did, from, state }: Cancellation): string {
  if (did === 'ended') return `job ${jobId} had ended already: ${state}`
  return did === 'cancelled'
    ? `job ${jobId} was ${from} and is cancelled: it never ran (now ${state})`
    : `job ${jobId} was ${from} and is terminated (now ${state})`
}
