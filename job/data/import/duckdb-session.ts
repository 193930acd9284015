import { randomBytes } from 'node:crypto'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  DuckDBAppender,
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBValue,
} from '@duckdb/node-api'
import { CancelledError, NightjarError } from '../../errors.ts'

/** One in-memory DuckDB for the length of an import. What does not fit in memory spills to the temp folder. */
export class DuckDbSession {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #signal: AbortSignal | undefined
  readonly #interrupt: () => void

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    signal: AbortSignal | undefined,
  ) {
    this.#instance = instance
    this.#connection = connection
    this.#signal = signal
    this.#interrupt = () => connection.interrupt()
    signal?.addEventListener('abort', this.#interrupt)
  }

  /** @param signal aborting it interrupts the query that runs */
  static async open(signal?: AbortSignal): Promise<DuckDbSession> {
    // Loaded where it is needed: most commands never do, and it takes a quarter of a start.
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:', {
      // Every format that import reads is linked in; nothing is ever fetched.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // DuckDB's default is `.tmp` in the working directory.
      // Beyond this it spills, at no loss of speed that was measurable on 20M rows. The process takes about half
      // as much again. Few threads, for each needs memory of its own.
      memory_limit: '1GB',
      threads: String(Math.min(4, availableParallelism())),
      temp_directory: join(tmpdir(), `nightjar-${randomBytes(6).toString('hex')}`),
    })
    const session = new DuckDbSession(instance, await instance.connect(), signal)
    await session.run("SET TimeZone = 'UTC'")
    return session
  }

  /** @returns how many rows the statement changed */
  async run(sql: string): Promise<number> {
    return this.#translated(async () => (await this.#connection.run(sql)).rowsChanged)
  }

  async rows(sql: string): Promise<DuckDBValue[][]> {
    return this.#translated(async () => (await this.#connection.runAndReadAll(sql)).getRows())
  }

  /** A result with the names and types of its columns. */
  async table(sql: string): Promise<{ names: string[]; types: string[]; rows: DuckDBValue[][] }> {
    return this.#translated(async () => {
      const reader = await this.#connection.runAndReadAll(sql)
      return { names: reader.columnNames(), types: reader.columnTypes().map(String), rows: reader.getRows() }
    })
  }

  /** A result by chunks of some thousand rows, so that it is never in memory whole. */
  async *stream(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.#translated(() => this.#connection.stream(sql))
    for (;;) {
      const chunk = await this.#translated(() => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      yield chunk
    }
  }

  async appender(table: string): Promise<DuckDBAppender> {
    return this.#connection.createAppender(table)
  }

  /** Runs work that is kept whole, or leaves no trace if it throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN')
    try {
      const result = await work()
      await this.run('COMMIT')
      return result
    } catch (error) {
      await this.#connection.run('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#interrupt)
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      if (this.#signal?.aborted) throw new CancelledError('cancelled')
      const message = cause instanceof Error ? cause.message : String(cause)
      if (/^Out of Memory Error/i.test(message)) {
        throw new NightjarError('IMPORT_MEMORY', {
          what: `DuckDB ran out of memory: ${firstLine(message)}`,
          fix: `free some memory, or space in ${tmpdir()} where it spills, and run the same command again`,
          cause,
        })
      }
      throw cause
    }
  }
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A column's name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
