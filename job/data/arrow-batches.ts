import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow'
import type { FileHandle } from 'apache-arrow/io/interfaces'
import { NightjarError } from '../errors.ts'
import type { Store } from '../store/store.ts'

const pieceBytes = 4 << 20

/** An Arrow file that is read a batch at a time: of a file of any size, one batch is in memory. */
export interface ArrowBatches {
  schema: Schema
  batchCount: number
  /** A batch of the file, from 0. */
  read(index: number): Promise<RecordBatch>
}

/**
 * Opens an Arrow file (file format) by its footer; its dictionaries are read, and no batch yet.
 *
 * @throws NightjarError NOT_FOUND, ARROW_UNREADABLE
 */
export async function openArrow(store: Store, key: string): Promise<ArrowBatches> {
  const size = await store.size(key)
  if (size === undefined) throw new NightjarError('NOT_FOUND', { what: `no such file: ${store.uri}/${key}` })
  const readable = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof NightjarError) throw cause
      throw unreadable(store, key, cause)
    }
  }
  if (size < 20) throw unreadable(store, key, `${size} bytes are too few`)
  return readable(async () => {
    const reader = await RecordBatchReader.from(handleOf(store, key, size) as FileHandle)
    await reader.open()
    if (!reader.isFile()) throw new Error('it has no footer')
    return {
      schema: reader.schema,
      batchCount: reader.numRecordBatches,
      read: (index) =>
        readable(async () => {
          const batch = await reader.readRecordBatch(index)
          if (batch === null) throw new Error(`batch ${index} of ${reader.numRecordBatches} is not there`)
          return batch
        }),
    }
  })
}

/** As much of a file handle as apache-arrow asks for, over a store: a file in a bucket has no handle. */
function handleOf(store: Store, key: string, size: number) {
  return {
    fd: 0,
    stat: async () => ({ size }),
    async read(into: Uint8Array, at: number, length: number, position: number) {
      // By pieces, so that no batch is in memory twice.
      for (let done = 0; done < length; ) {
        const piece = { offset: position + done, length: Math.min(pieceBytes, length - done) }
        const place = into.subarray(at + done, at + done + piece.length)
        const bytes = await store.read(key, { ...piece, into: place })
        if (bytes.length < piece.length) throw new Error(`it ends at byte ${piece.offset + bytes.length}`)
        done += bytes.length
      }
      return { bytesRead: length, buffer: into }
    },
    close: async () => {},
  }
}

function unreadable(store: Store, key: string, cause: unknown): NightjarError {
  // What apache-arrow throws where it reads a footer from bytes that are none tells nobody anything.
  const isLost = cause instanceof TypeError || cause instanceof RangeError
  const told = cause instanceof Error ? cause.message : String(cause)
  const reason = isLost ? 'it has no footer where one should be' : told
  return new NightjarError('ARROW_UNREADABLE', {
    what: `${store.uri}/${key} cannot be read as an Arrow file: ${reason}`,
    why: 'a copy that broke off, another format (Arrow streams have no footer), or compressed buffers',
    cause,
  })
}
