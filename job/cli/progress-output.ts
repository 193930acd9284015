import type { Clock } from '../clock.ts'
import { type LogEvent, type PhaseFacts, type Progress, silentProgress } from '../progress.ts'
import { formatDuration, Phase } from './phase.ts'

export type Verbosity = 'quiet' | 'normal' | 'verbose'

/** How often a line is printed where there is no terminal to redraw. */
const plainEveryMs = 10_000
const verboseEveryMs = 2_000
const redrawEveryMs = 100
const barMost = 20
const barLeast = 5

/**
 * A bar on a terminal, dated lines elsewhere, nothing with `--quiet`; with `NIGHTJAR_LOG=json` in the environment, JSON
 * lines, which a log service can search. `--verbose` leaves a line of every phase, with its time and its speed.
 */
export function openProgress(
  stream: NodeJS.WriteStream,
  clock: Clock,
  verbosity: Verbosity,
  env: Record<string, string | undefined> = process.env,
): Progress {
  if (env.NIGHTJAR_LOG === 'json') return new JsonProgress(stream, clock)
  if (verbosity === 'quiet') return silentProgress
  const isVerbose = verbosity === 'verbose'
  return stream.isTTY
    ? new TerminalProgress(stream, clock, isVerbose)
    : new PlainProgress(stream, clock, isVerbose)
}

class TerminalProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  readonly #isVerbose: boolean
  #phase: Phase | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock, isVerbose: boolean) {
    this.#stream = stream
    this.#clock = clock
    this.#isVerbose = isVerbose
  }

  start(label: string, total: number, facts: PhaseFacts = {}): void {
    this.end()
    this.#phase = new Phase(label, total, facts, this.#clock.elapsedMs())
    this.#draw(this.#phase, '')
  }

  update(done: number, detail = ''): void {
    const phase = this.#phase
    if (phase === undefined) return
    phase.done = done
    if (this.#clock.elapsedMs() - phase.shownMs < redrawEveryMs && done < phase.total) return
    this.#draw(phase, detail)
  }

  end(summary?: string): void {
    const phase = this.#phase
    if (phase !== undefined) this.#stream.write('\r\x1b[2K')
    this.#phase = undefined
    const line = endLine(phase, summary, this.#isVerbose, this.#clock.elapsedMs())
    if (line !== undefined) this.#stream.write(`${phase?.label.padEnd(9) ?? ''} ${line}\n`)
  }

  note(line: string): void {
    if (this.#phase !== undefined) this.#stream.write('\r\x1b[2K')
    this.#stream.write(`${line}\n`)
  }

  /** What is told has its place; the bar takes what is left of the line. */
  #draw(phase: Phase, detail: string): void {
    const now = this.#clock.elapsedMs()
    phase.shownMs = now
    const label = phase.label.padEnd(9)
    const told = [phase.counts, ...phase.pace(now), ...(detail === '' ? [] : [detail])].join('  ')
    const columns = (this.#stream.columns ?? 80) - 1
    const width = Math.max(barLeast, Math.min(barMost, columns - label.length - told.length - 2))
    const filled = Math.round(phase.share * width)
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
    this.#stream.write(`\r\x1b[2K${`${label} ${bar} ${told}`.slice(0, columns)}`)
  }
}

class PlainProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  readonly #isVerbose: boolean
  #phase: Phase | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock, isVerbose: boolean) {
    this.#stream = stream
    this.#clock = clock
    this.#isVerbose = isVerbose
  }

  start(label: string, total: number, facts: PhaseFacts = {}): void {
    this.end()
    this.#phase = new Phase(label, total, facts, this.#clock.elapsedMs())
  }

  update(done: number, detail = ''): void {
    const phase = this.#phase
    if (phase === undefined) return
    phase.done = done
    const now = this.#clock.elapsedMs()
    if (now - phase.shownMs < (this.#isVerbose ? verboseEveryMs : plainEveryMs)) return
    phase.shownMs = now
    const told = [phase.counts, ...phase.pace(now), ...(detail === '' ? [] : [detail])]
    this.note(`${phase.label} ${told.join('  ')}`)
  }

  end(summary?: string): void {
    const line = endLine(this.#phase, summary, this.#isVerbose, this.#clock.elapsedMs())
    if (line !== undefined) this.note(`${this.#phase?.label ?? ''} ${line}`.trim())
    this.#phase = undefined
  }

  note(line: string): void {
    const stamp = this.#clock
      .now()
      .toISOString()
      .replace(/\.\d+Z/, 'Z')
    this.#stream.write(`${stamp} ${line}\n`)
  }
}

/** What stays of a phase: its summary, and with `--verbose` of every phase how long it took. */
function endLine(
  phase: Phase | undefined,
  summary: string | undefined,
  isVerbose: boolean,
  nowMs: number,
): string | undefined {
  if (phase === undefined || !isVerbose) return summary
  const took = [formatDuration(phase.elapsedMs(nowMs)), phase.rate(nowMs)].filter(Boolean)
  return `${summary ?? phase.counts} (${took.join(', ')})`
}

/** One JSON object a line, `time` and `event` in each. */
class JsonProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  #phase: Phase | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
  }

  start(label: string, total: number, facts: PhaseFacts = {}): void {
    this.#phase = new Phase(label, total, facts, this.#clock.elapsedMs())
    const { unit } = facts
    this.#write({ event: 'phase.start', phase: label, total, ...(unit === undefined ? {} : { unit }) })
  }

  update(done: number, detail = ''): void {
    const phase = this.#phase
    if (phase === undefined) return
    phase.done = done
    const now = this.#clock.elapsedMs()
    if (now - phase.shownMs < plainEveryMs) return
    phase.shownMs = now
    const perSecond = rounded(phase.perSecond(now))
    const secondsLeft = rounded((phase.leftMs(now) ?? Number.NaN) / 1000)
    const { label, total } = phase
    this.#write({ event: 'phase.progress', phase: label, done, total, perSecond, secondsLeft, detail })
  }

  end(summary = ''): void {
    const phase = this.#phase
    this.#phase = undefined
    if (phase === undefined) return
    const seconds = Math.round(phase.elapsedMs(this.#clock.elapsedMs())) / 1000
    this.#write({ event: 'phase.end', phase: phase.label, seconds, message: summary })
  }

  note(line: string, event: LogEvent = { event: 'note' }): void {
    this.#write({ ...event, message: line })
  }

  #write(fields: LogEvent): void {
    this.#stream.write(`${JSON.stringify({ time: this.#clock.now().toISOString(), ...fields })}\n`)
  }
}

/** To thousandths; null where it is not known. */
function rounded(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Math.round(value * 1000) / 1000
}
