/** Where the worker stores feedback: objects that are written once and, here, never deleted. */
export interface FeedbackSource {
  /** As a person would name it, for messages: `local feedback in .wrangler/state`. */
  readonly name: string
  /** All keys that begin with `prefix` and come after `after`, ascending. */
  keys(prefix: string, after?: string): AsyncIterable<string>
  /** @throws NightjarError FEEDBACK_FAILED where it cannot be read */
  read(key: string): Promise<Uint8Array>
  /** Frees what the source holds open. */
  close(): Promise<void>
}
