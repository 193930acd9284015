/**
 * Where long work tells how far it is. The command line draws a bar on a terminal, prints dated lines
 * elsewhere, and stays silent with `--quiet`; the work itself never knows which.
 */
export interface Progress {
  /** Begins a phase of `total` units. A phase that was still open is closed. */
  start(label: string, total: number, facts?: PhaseFacts): void
  /** `done` of the total so far; `detail` is shown beside it, such as the loss. */
  update(done: number, detail?: string): void
  /** Ends the phase, with a line that stays. */
  end(summary?: string): void
  /**
   * A line that stays, outside any phase.
   *
   * @param event what the line tells, for logs that machines read
   */
  note(line: string, event?: LogEvent): void
}

export interface PhaseFacts {
  /** What is counted, in the plural: the rate is told in it. */
  unit?: string
  /** How much of the total was done before, by whoever was stopped there: it counts for no rate. */
  done?: number
}

/** Something that alarms and reports look for: a dotted name, and facts. */
export interface LogEvent {
  event: string
  [fact: string]: unknown
}

export const silentProgress: Progress = {
  start() {},
  update() {},
  end() {},
  note() {},
}
