import type { Clock } from '../clock.ts'
import { type LogEvent, type Progress, silentProgress } from '../progress.ts'

export type Verbosity = 'quiet' | 'normal' | 'verbose'

/** How often a line is printed where there is no terminal to redraw. */
const plainEveryMs = 10_000
const redrawEveryMs = 100

/**
 * A bar on a terminal, dated lines elsewhere, nothing with `--quiet`; with `NIGHTJAR_LOG=json` in the environment, JSON
 * lines, which a log service can search.
 */
export function openProgress(
  stream: NodeJS.WriteStream,
  clock: Clock,
  verbosity: Verbosity,
  env: Record<string, string | undefined> = process.env,
): Progress {
  if (env.NIGHTJAR_LOG === 'json') return new JsonProgress(stream, clock)
  if (verbosity === 'quiet') return silentProgress
  return stream.isTTY ? new TerminalProgress(stream, clock) : new PlainProgress(stream, clock)
}

/** What both kinds keep of the open phase. */
interface Phase {
  label: string
  total: number
  startedMs: number
  drawnMs: number
}

class TerminalProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  #phase: Phase | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
  }

  start(label: string, total: number): void {
    this.end()
    this.#phase = { label, total, startedMs: this.#clock.elapsedMs(), drawnMs: Number.NEGATIVE_INFINITY }
    this.update(0)
  }

  update(done: number, detail = ''): void {
    const phase = this.#phase
    if (phase === undefined) return
    const now = this.#clock.elapsedMs()
    if (now - phase.drawnMs < redrawEveryMs && done < phase.total) return
    phase.drawnMs = now
    const share = phase.total === 0 ? 1 : Math.min(1, done / phase.total)
    const filled = Math.round(share * 20)
    const bar = '█'.repeat(filled) + '░'.repeat(20 - filled)
    const left = timeLeft(share, now - phase.startedMs)
    const line = `${phase.label.padEnd(9)} ${bar} ${Math.floor(done)}/${phase.total}${left}${detail && `  ${detail}`}`
    this.#stream.write(`\r\x1b[2K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`)
  }

  end(summary?: string): void {
    if (this.#phase !== undefined) this.#stream.write('\r\x1b[2K')
    const phase = this.#phase
    this.#phase = undefined
    if (summary !== undefined) this.#stream.write(`${phase?.label.padEnd(9) ?? ''} ${summary}\n`)
  }

  note(line: string): void {
    if (this.#phase !== undefined) this.#stream.write('\r\x1b[2K')
    this.#stream.write(`${line}\n`)
  }
}

class PlainProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  #phase: Phase | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
  }

  start(label: string, total: number): void {
    const now = this.#clock.elapsedMs()
    this.#phase = { label, total, startedMs: now, drawnMs: now }
  }

  update(done: number, detail = ''): void {
    const phase = this.#phase
    if (phase === undefined) return
    const now = this.#clock.elapsedMs()
    if (now - phase.drawnMs < plainEveryMs) return
    phase.drawnMs = now
    const share = phase.total === 0 ? 1 : Math.min(1, done / phase.total)
    const left = timeLeft(share, now - phase.startedMs)
    this.note(`${phase.label} ${Math.floor(done)}/${phase.total}${left}${detail && ` ${detail}`}`)
  }

  end(summary?: string): void {
    if (summary !== undefined) this.note(`${this.#phase?.label ?? ''} ${summary}`.trim())
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

/** One JSON object a line, `time` and `event` in each. */
class JsonProgress implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #clock: Clock
  #phase: Phase | undefined

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
  }

  start(label: string, total: number): void {
    const now = this.#clock.elapsedMs()
    this.#phase = { label, total, startedMs: now, drawnMs: now }
    this.#write({ event: 'phase.start', phase: label, total })
  }

  update(done: number, detail = ''): void {
    const phase = this.#phase
    if (phase === undefined) return
    const now = this.#clock.elapsedMs()
    if (now - phase.drawnMs < plainEveryMs) return
    phase.drawnMs = now
    this.#write({ event: 'phase.progress', phase: phase.label, done, total: phase.total, detail })
  }

  end(summary = ''): void {
    const phase = this.#phase
    this.#phase = undefined
    if (phase === undefined) return
    const seconds = Math.round(this.#clock.elapsedMs() - phase.startedMs) / 1000
    this.#write({ event: 'phase.end', phase: phase.label, seconds, message: summary })
  }

  note(line: string, event: LogEvent = { event: 'note' }): void {
    this.#write({ ...event, message: line })
  }

  #write(fields: LogEvent): void {
    this.#stream.write(`${JSON.stringify({ time: this.#clock.now().toISOString(), ...fields })}\n`)
  }
}

function timeLeft(share: number, elapsedMs: number): string {
  if (share <= 0 || share >= 1 || elapsedMs < 1000) return ''
  return `  ${formatDuration((elapsedMs / share) * (1 - share))} left`
}

/** `850 ms`, `12.3 s`, `4 min 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
