import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { CancelledError, NightjarError } from '../../errors.ts'
import type { Work } from './tune.ts'

/** How a process tells that a trial is done: a line of its output. */
export const doneLine = (trial: number) => `done ${trial}`

/** `3,5,7:200`, and `3,5,7:200+` where a later rung goes on from there. */
function workText({ trials, until, isLast }: Work): string {
  return `${trials.join()}:${until}${isLast ? '' : '+'}`
}

export function parseWork(text: string): Work {
  const [, trials, until, more] = /^([\d,]+):(\d+)(\+?)$/.exec(text) ?? []
  if (trials === undefined) throw new Error(`${text} is no work of a search`)
  return { trials: trials.split(',').map(Number), until: Number(until), isLast: more === '' }
}

/**
 * Shares trials out to processes of this same command line, each of which gets its part by `--work`. Trials are dealt in
 * turn, so that a grid's dear corner is shared.
 *
 * @param processes how many at once
 */
export function inProcesses(
  command: readonly string[],
  processes: number,
  signal: AbortSignal | undefined,
): (work: Work, onTrial: (trial: number) => void) => Promise<void> {
  return async (work, onTrial) => {
    const shares = Array.from({ length: Math.min(processes, work.trials.length) }, (_, n) =>
      work.trials.filter((_trial, place) => place % processes === n),
    )
    const running = shares.map((trials) => runOne(command, { ...work, trials }, signal, onTrial))
    const ends = await Promise.allSettled(running)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

function runOne(
  command: readonly string[],
  work: Work,
  signal: AbortSignal | undefined,
  onTrial: (trial: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...command, '--quiet', '--work', workText(work)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stop = () => child.kill('SIGTERM')
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    createInterface(child.stdout).on('line', (told) => {
      const [, trial] = /^done (\d+)$/.exec(told) ?? []
      if (trial !== undefined) onTrial(Number(trial))
    })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      signal?.removeEventListener('abort', stop)
      if (code === 0) resolve()
      else if (signal?.aborted)
        reject(new CancelledError('cancelled', 'the same command goes on with what is left'))
      else reject(processFailed(code, complaint))
    })
  })
}

function processFailed(code: number | null, complaint: string): NightjarError {
  return new NightjarError('TUNE_PROCESS', {
    what: `a process of the search ended with ${code === null ? 'a signal' : `code ${code}`}: ${complaint.trim() || 'it said nothing'}`,
    ...(complaint === '' && { why: 'perhaps memory ran out: each process holds the rows and a model' }),
    fix: 'the same command goes on; with --parallel 1 it needs the memory of one process',
  })
}
