import type { Command } from 'commander'
import { checkJobId, parseDuration } from '../../cloud/batch/limits.ts'
import { openBatch, openLogs } from '../../cloud/clients.ts'
import type { Cloud } from '../../cloud/cloud.ts'
import { readLogs } from '../../cloud/logs/read-logs.ts'
import { parsePlannedAt } from '../../nightly/night-id.ts'
import { cloudOf } from '../cloud-options.ts'
import { action, command, wholeNumber } from '../command.ts'

interface LogsFlags {
  follow?: boolean
  attempt?: number
  since?: (now: number) => number
  json?: boolean
}

export function logsCommand(open: () => Cloud): Command {
  return command('logs', 'the log of a job on AWS Batch', 'nightjar logs -f JOB_ID')
    .argument('<job>', 'id of a job, or ID:INDEX for one of an array', checkJobId)
    .option('-f, --follow', 'wait for more, over all attempts, until the job has ended')
    .option('--attempt <n>', 'that attempt alone', wholeNumber('--attempt', 1, 10))
    .option('--since <time>', 'leave out what is older: 10m, or 2026-11-26T02:00:00Z', parseSince)
    .action(
      action(async (context, jobId: string, flags: LogsFlags) => {
        const cloud = cloudOf(open, context)
        const [batch, logs] = [await openBatch(), await openLogs()]
        await readLogs(cloud, batch, logs, jobId, {
          follow: flags.follow ?? false,
          ...(flags.attempt === undefined ? {} : { attempt: flags.attempt }),
          ...(flags.since === undefined ? {} : { since: flags.since(cloud.waits.now()) }),
          onLine: ({ time, attempt, message }) => {
            const line = flags.json
              ? JSON.stringify({ time: new Date(time).toISOString(), attempt, message })
              : // A log must not be able to move the cursor of the terminal that shows it.
                message.replace(/[^\P{Cc}\t\n]/gu, '').replace(/\n$/, '')
            process.stdout.write(`${line}\n`)
          },
          onNote: (text) => context.progress.note(text),
        })
      }),
    )
}

function parseSince(text: string): (now: number) => number {
  if (/^\d{4}-/.test(text)) {
    const at = parsePlannedAt(text).getTime()
    return () => at
  }
  const ms = parseDuration('--since')(text)
  return (now) => Math.max(0, now - ms)
}
