/**
 * Where files live. Every file that nightjar reads or writes goes through a Store, so a local folder and a
 * bucket differ by their URI alone.
 *
 * Keys are relative to the root, use `/`, and never begin with it or hold `.` or `..` segments.
 */
export interface Store {
  /** The root, as a person would type it. */
  readonly uri: string

  /** Size in bytes, or undefined where there is no such key. */
  size(key: string): Promise<number | undefined>

  /**
   * Reads a whole file, or `length` bytes from `offset` (fewer at the end of the file).
   *
   * @throws NightjarError NOT_FOUND where there is no such key
   */
  read(key: string, range?: ByteRange): Promise<Uint8Array>

  /**
   * Writes a file whole or not at all: a reader sees the old bytes or the new ones, and a body that fails
   * halfway leaves the old ones.
   */
  put(key: string, body: Body): Promise<Written>

  /** As `put`, but only where no such key exists; false, and nothing written, where one does. */
  putIfAbsent(key: string, body: Body): Promise<boolean>

  /** Keys that begin with `prefix`, in ascending order. */
  list(prefix?: string): Promise<StoredFile[]>

  /** Removes a file; a key that is not there is no error. */
  delete(key: string): Promise<void>
}

export interface ByteRange {
  offset: number
  length: number
  /** `length` bytes where those of the file are wanted; what is read is then the part of it that they fill. */
  into?: Uint8Array
}

export type Body = Uint8Array | AsyncIterable<Uint8Array>

export interface Written {
  bytes: number
  /** sha256 of the bytes, lower-case hex. */
  sha256: string
}

export interface StoredFile {
  key: string
  bytes: number
}
