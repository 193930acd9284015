import type { Command } from 'commander'
import { estimateCost, queueMachines } from '../../cloud/batch/cost.ts'
import { reportOf } from '../../cloud/batch/job-report.ts'
import { checkJobId } from '../../cloud/batch/limits.ts'
import { listChildren } from '../../cloud/batch/list-jobs.ts'
import { readJob } from '../../cloud/batch/read-jobs.ts'
import { whyEnded } from '../../cloud/batch/reasons.ts'
import { openBatch } from '../../cloud/clients.ts'
import type { Cloud } from '../../cloud/cloud.ts'
import { jobUrl } from '../../cloud/console-url.ts'
import { cloudOf } from '../cloud-options.ts'
import { action, command, number } from '../command.ts'
import { describeJob } from '../job-text.ts'

/** Failed children that are told one by one. */
const childrenShown = 5

export function statusCommand(open: () => Cloud): Command {
  return command('status', 'what a job on AWS Batch does, and why', 'nightjar status JOB_ID')
    .argument('<job>', 'id of a job, or ID:INDEX for one of an array', checkJobId)
    .option('--price <dollars>', "the machine's price an hour, for the cost", number('--price', 0, 1000))
    .action(
      action(async (context, jobId: string, flags: { price?: number }) => {
        const cloud = cloudOf(open, context)
        const batch = await openBatch()
        const job = await readJob(cloud, batch, jobId)
        const now = cloud.waits.now()
        const report = reportOf(job, now)
        const needsTable = report.ranSeconds > 0 && flags.price === undefined
        const machines = needsTable ? await queueMachines(cloud, batch, job.jobQueue ?? '') : undefined
        const cost = estimateCost(job, report.ranSeconds, machines, flags.price)
        const children =
          (report.array?.states.FAILED ?? 0) > 0 ? await listChildren(cloud, batch, jobId, 'FAILED') : []
        const failed = children.slice(0, childrenShown).map((child) => ({
          index: child.arrayProperties?.index ?? 0,
          why:
            whyEnded({
              statusReason: child.statusReason,
              containerReason: child.container?.reason,
              exitCode: child.container?.exitCode,
              isStopped: child.isCancelled === true || child.isTerminated === true,
            })?.text ?? 'failed',
        }))
        const url = jobUrl(await batch.config.region(), jobId)
        context.result({ ...report, failed, cost, url }, () =>
          describeJob({ report, cost, failed, url, now }),
        )
      }),
    )
}
