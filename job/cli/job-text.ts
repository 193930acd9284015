import type { CostEstimate } from '../cloud/batch/cost.ts'
import type { Attempt, JobReport } from '../cloud/batch/job-report.ts'
import { isFinished } from '../cloud/batch/job-states.ts'
import { oneLine, shownTime } from './cloud-options.ts'
import { formatDuration } from './phase.ts'

/** A failed child of an array, and why. */
interface FailedChild {
  index: number
  why: string
}

interface JobText {
  report: JobReport
  cost: CostEstimate | null
  failed: FailedChild[]
  url: string
  now: number
}

/** A job as `status` tells it. */
export function describeJob({ report, cost, failed, url, now }: JobText): string {
  const { jobId, reason, array } = report
  const rows: [string, string][] = [
    ['job', `${jobId} (${report.jobName})`],
    ['state', `${report.state}${sinceWhen(report, now)}`],
  ]
  if (reason !== null) rows.push(['why', oneLine(reason.text)])
  if (reason?.fix !== undefined) rows.push(['fix', reason.fix])
  rows.push(['queue', `${report.queue}, job definition ${report.definition}`])
  if (report.createdAt !== null) rows.push(['submitted', `${shownTime(report.createdAt)} UTC`])
  if (report.command.length > 0) rows.push(['command', oneLine(report.command.join(' '))])
  if (report.after.length > 0) rows.push(['after', report.after.join(', ')])
  if (array !== null && array.index === null)
    rows.push(['array', `${array.size} jobs: ${countsOf(array.states)}`])
  for (const { index, why } of failed) rows.push([`  :${index}`, oneLine(why)])
  for (const attempt of report.attempts)
    rows.push([`attempt ${attempt.number}`, describeAttempt(attempt, now)])
  if (report.ranSeconds > 0) rows.push(['cost', describeCost(report, cost)])
  rows.push(['console', url])
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const next = isFinished(report.state)
    ? [`nightjar logs ${jobId}`]
    : [`nightjar logs -f ${jobId}`, `nightjar cancel ${jobId}`]
  return [
    ...rows.map(([name, text]) => `${name.padEnd(width)}${text}`),
    '',
    ...next.map((line, i) => `${i === 0 ? 'next: ' : '      '}${line}`),
  ].join('\n')
}

function sinceWhen({ state, createdAt, startedAt, stoppedAt }: JobReport, now: number): string {
  if (state === 'RUNNING' && startedAt !== null) return ` for ${formatDuration(now - startedAt)}`
  if (isFinished(state)) return stoppedAt === null ? '' : ` at ${shownTime(stoppedAt)} UTC`
  return createdAt === null ? '' : `, submitted ${formatDuration(now - createdAt)} ago`
}

function describeAttempt({ startedAt, stoppedAt, exitCode, reason }: Attempt, now: number): string {
  if (startedAt === null) return `never ran${reason === null ? '' : `: ${oneLine(reason.text)}`}`
  const ran = formatDuration((stoppedAt ?? now) - startedAt)
  if (stoppedAt === null) return `runs since ${shownTime(startedAt)} UTC (${ran})`
  const how = reason === null ? `exit code ${exitCode ?? 'unknown'}` : oneLine(reason.text)
  return `${shownTime(startedAt)} UTC, ${ran}: ${how}`
}

function describeCost({ ranSeconds, state }: JobReport, cost: CostEstimate | null): string {
  const ran = formatDuration(ranSeconds * 1000)
  if (cost === null) return `${ran} of a machine whose price is not known here: --price DOLLARS_PER_HOUR`
  const { least, most } = cost
  const [low, high] = [dollars(least), dollars(most)]
  const figure = low === high ? low : `${low} to ${high}`
  const spot = cost.maySpot ? '; less on Spot' : ''
  const soFar = isFinished(state) ? '' : ' so far'
  return `about ${figure}${soFar}, an estimate: ${ran} at ${cost.basis}${spot}`
}

function dollars(amount: number): string {
  return amount < 0.01 ? '$0.01 or less' : `$${amount.toFixed(2)}`
}

function countsOf(states: Record<string, number>): string {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`)
  return counts.length === 0 ? 'none has begun' : counts.join(', ')
}
