export type Level = 'info' | 'warn' | 'error'

/** Takes a line of the log, which is one JSON object. */
export type WriteLog = (level: Level, line: string) => void

/** Workers Logs and `wrangler tail` read the levels off console's methods, and the fields out of the JSON. */
export const writeToConsole: WriteLog = (level, line) => console[level](line)

/** What an error says, for the log alone: an answer never holds it. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const text = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? text : `${text}\ncaused by ${errorText(error.cause)}`
}
