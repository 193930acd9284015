import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { NightjarError, throwIfCancelled } from '../../errors.ts'
import type { Source } from './source.ts'

const chunkBytes = 4 << 20

/** A source's bytes as they are stored, in order. */
export async function* storedBytes(source: Source, signal?: AbortSignal): AsyncGenerator<Buffer> {
  for (let offset = 0; ; ) {
    throwIfCancelled(signal)
    const bytes = await source.store.read(source.key, { offset, length: chunkBytes })
    if (bytes.byteLength === 0) return
    offset += bytes.byteLength
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

/**
 * A source's text: unzipped, and without the byte order mark that some writers put in front.
 *
 * @throws NightjarError SOURCE_UNREADABLE where the gzip stream is broken or cut short
 */
export async function* textBytes(source: Source, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let first = true
  for await (const chunk of source.gzip ? unzipped(source, signal) : storedBytes(source, signal)) {
    const isMarked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf
    first = false
    yield isMarked ? chunk.subarray(3) : chunk
  }
}

async function* unzipped(source: Source, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: 1 << 20 })
  const stored = Readable.from(storedBytes(source, signal))
  stored.on('error', (error) => unzip.destroy(error))
  try {
    for await (const chunk of stored.pipe(unzip)) yield chunk as Buffer
  } catch (cause) {
    if (cause instanceof NightjarError) throw cause
    throw new NightjarError('SOURCE_UNREADABLE', {
      what: `${source.label}: broken gzip (${cause instanceof Error ? cause.message : cause})`,
      why: 'a copy that broke off',
      fix: `copy it again; gzip --test ${source.key} tells whether it is whole`,
      cause,
    })
  }
}
