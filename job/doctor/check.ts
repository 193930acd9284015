/** One thing that was looked at. */
export interface Check {
  /** Stable, for scripts: `node`, `duckdb`. */
  name: string
  /** `missing` is what stops the work that was asked about; `note` is all else that a person may want to know. */
  mark: 'ok' | 'missing' | 'note'
  /** What was found, never a secret. */
  text: string
  /** What to do about it: a sentence, or a command. */
  fix?: string
}

export interface CheckGroup {
  title: string
  checks: Check[]
}
