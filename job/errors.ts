/** Exit codes of the command line, one meaning each. `docs/reference/cli.md` is their reference. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  gateRefused: 3,
  bug: 4,
  jobFailed: 5,
  cancelled: 6,
  timedOut: 7,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What a {@link NightjarError} tells, in the order in which it is printed. */
export interface ErrorDetails {
  /** What happened and where, with both numbers: `part-00003.arrow holds 12 rows, its manifest says 13`. */
  what: string
  /** The likely cause, where one is known. */
  why?: string
  /** The next command or action. */
  fix?: string
  /** The error underneath. */
  cause?: unknown
  exitCode?: ExitCode
}

/**
 * An operating error: something outside the program is wrong, and a person can mend it.
 *
 * `code` is stable and upper case (`DATASET_DIGEST`), so that scripts can test it.
 * Broken invariants are no NightjarErrors: they are `assert`s, and end with exit code 4.
 */
export class NightjarError extends Error {
  readonly code: string
  readonly why: string | undefined
  readonly fix: string | undefined
  readonly exitCode: ExitCode

  constructor(code: string, details: ErrorDetails) {
    super(details.what, { cause: details.cause })
    this.name = 'NightjarError'
    this.code = code
    this.why = details.why
    this.fix = details.fix
    this.exitCode = details.exitCode ?? exitCodes.failed
  }

  /** The whole message as a person reads it; no stack. */
  format(): string {
    const lines = [`[${this.code}] ${this.message}`]
    if (this.why !== undefined) lines.push(`Cause: ${this.why}`)
    if (this.fix !== undefined) lines.push(`Fix: ${this.fix}`)
    return lines.join('\n')
  }
}

/** A wrong argument or option: exit code 2. */
export class UsageError extends NightjarError {
  constructor(what: string, fix?: string) {
    super('USAGE', { what, exitCode: exitCodes.usage, ...(fix === undefined ? {} : { fix }) })
    this.name = 'UsageError'
  }
}

/** The person pressed Ctrl-C (or the job got SIGTERM): exit code 6. */
export class CancelledError extends NightjarError {
  constructor(what: string, fix?: string) {
    super('CANCELLED', { what, exitCode: exitCodes.cancelled, ...(fix === undefined ? {} : { fix }) })
    this.name = 'CancelledError'
  }
}

/** Stops work that was cancelled, at a place where nothing is half-written. */
export function throwIfCancelled(signal: AbortSignal | undefined, fix?: string): void {
  if (signal?.aborted) throw new CancelledError('cancelled', fix)
}
