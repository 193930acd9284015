/**
 * A key-value store that a worker reads from. Values are bytes, at most 25 MiB; a put is not atomic with
 * any other, so whoever publishes writes the pointer last.
 */
export interface KvTarget {
  /** As a person would name it, for messages: `local KV in .wrangler/state`. */
  readonly name: string
  /** As `--at` takes it: `local:work/kv`; absent for `local`, which commands take by themselves. */
  readonly place?: string
  /**
   * What was last put, as the store itself has it: not through an edge cache, which would remember for a while
   * that a key was missing.
   */
  get(key: string): Promise<Uint8Array | undefined>
  /** Writes all pairs or throws; pairs written before a failure stay. */
  putMany(pairs: readonly KvPair[]): Promise<void>
  /** Removes keys; one that is not there is no error. */
  deleteMany(keys: readonly string[]): Promise<void>
  /** How much it likes to be given in one go; a few megabytes if absent. */
  readonly chunk?: { bytes: number; pairs: number }
  /**
   * Waits before what was put is read once more, where reads may lag behind puts; absent where they never do.
   *
   * @returns false where more waiting is of no use
   */
  waitForLag?(attempt: number): Promise<boolean>
  /** Frees what the target holds open. */
  close(): Promise<void>
}

/** A command to type that is to work on this target: `nightjar versions --at local:work/kv`. */
export function commandAt(target: Pick<KvTarget, 'place'>, command: string): string {
  return target.place === undefined ? command : `${command} --at ${target.place}`
}

export interface KvPair {
  key: string
  value: Uint8Array
}
