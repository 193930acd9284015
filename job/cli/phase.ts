import type { PhaseFacts } from '../progress.ts'

/** An open phase of work: how far it is, how fast, and how long it will take still. */
export class Phase {
  readonly label: string
  readonly total: number
  readonly unit: string
  readonly #startedMs: number
  readonly #doneBefore: number
  done: number
  /** When it was last shown. */
  shownMs: number

  constructor(label: string, total: number, { unit = '', done = 0 }: PhaseFacts, nowMs: number) {
    this.label = label
    this.total = total
    this.unit = unit
    this.done = done
    this.#doneBefore = done
    this.#startedMs = nowMs
    this.shownMs = nowMs
  }

  /** From 0 to 1. */
  get share(): number {
    return this.total === 0 ? 1 : Math.min(1, this.done / this.total)
  }

  get counts(): string {
    return `${Math.floor(this.done)}/${this.total}`
  }

  elapsedMs(nowMs: number): number {
    return nowMs - this.#startedMs
  }

  /** Units a second since it began; undefined in the first one, and before anything is done. */
  perSecond(nowMs: number): number | undefined {
    const elapsedMs = this.elapsedMs(nowMs)
    const done = this.done - this.#doneBefore
    return elapsedMs < 1000 || done <= 0 ? undefined : done / (elapsedMs / 1000)
  }

  /** At the speed so far; undefined where that is not known, and at the end. */
  leftMs(nowMs: number): number | undefined {
    const speed = this.perSecond(nowMs)
    return speed === undefined || this.share === 1 ? undefined : ((this.total - this.done) / speed) * 1000
  }

  /** `20.0 epochs/min`; empty where it is not known, or nobody said what is counted. */
  rate(nowMs: number): string {
    const speed = this.perSecond(nowMs)
    return speed === undefined || this.unit === '' ? '' : rateText(speed, this.unit)
  }

  /** `20.0 epochs/min`, `18.0 s left`. */
  pace(nowMs: number): string[] {
    const leftMs = this.leftMs(nowMs)
    return [this.rate(nowMs), leftMs === undefined ? '' : `${formatDuration(leftMs)} left`].filter(Boolean)
  }
}

/** By the second, the minute or the hour, so that there is a digit before the point. */
function rateText(perSecond: number, unit: string): string {
  if (perSecond >= 1) return `${perSecond.toFixed(perSecond < 100 ? 1 : 0)} ${unit}/s`
  if (perSecond >= 1 / 60) return `${(perSecond * 60).toFixed(1)} ${unit}/min`
  return `${(perSecond * 3600).toFixed(1)} ${unit}/h`
}

/** `850 ms`, `12.3 s`, `4 min 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
