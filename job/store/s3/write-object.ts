import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { NightjarError } from '../../errors.ts'
import type { Body, Written } from '../store.ts'
import { inParts } from './parts.ts'
import { isS3, statusOf } from './s3-error.ts'
import type { Bucket } from './s3-store.ts'
import { Upload } from './upload.ts'
import { isWritten, type Write, writeIdName } from './write-id.ts'

/** 10,000 parts are the most, so a file may have 160 GB. Five parts are in memory at a time. */
export const usualPartBytes = 16 * 1024 * 1024

/** The most that one request may bring. */
const requestBytesMax = 5 * 1024 ** 3

/** Writes an object whole or not at all: in one request, or in parts that the last request makes an object of. */
export async function writeObject(
  bucket: Bucket,
  key: string,
  body: Body,
  partBytes: number,
): Promise<Written> {
  const write: Write = { bucket, key, id: randomUUID() }
  const hash = createHash('sha256')
  let bytes = 0
  let upload: Upload | undefined
  try {
    for await (const part of inParts(body, partBytes)) {
      hash.update(part)
      bytes += part.length
      if (upload === undefined && part.length < partBytes) await putWhole(write, part)
      else {
        upload ??= await Upload.begin(write)
        await upload.add(part)
      }
    }
    await upload?.complete()
  } catch (error) {
    await upload?.abort()
    throw error
  }
  return { bytes, sha256: hash.digest('hex') }
}

/**
 * Writes an object where there is none.
 *
 * In one request whatever the size: that one is conditional everywhere. Completing an upload in parts is not, for Ceph
 * 16 ignores the condition there and overwrites.
 *
 * @returns false where the key exists
 */
export async function writeIfAbsent(bucket: Bucket, key: string, body: Body): Promise<boolean> {
  const write: Write = { bucket, key, id: randomUUID() }
  const whole = await gather(key, body)
  for (let attempt = 0; ; attempt++) {
    try {
      await putWhole(write, whole, '*')
      return true
    } catch (error) {
      // A request that came through, but whose answer was lost, meets its own object when it is tried again.
      if (statusOf(error) === 412) return isWritten(write)
      // AWS says so where two conditional writes meet; which of them stands is known by the next try.
      if (!isS3(error, 'ConditionalRequestConflict') || attempt === 5) throw error
      await sleep(100 * 2 ** attempt)
    }
  }
}

async function gather(key: string, body: Body): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > requestBytesMax)
      throw new NightjarError('STORE_FAILED', {
        what: `cannot write ${key}: it has more than ${requestBytesMax} bytes, the most that S3 takes at once`,
        why: 'it is written only if absent, which S3 promises for single requests alone',
      })
    chunks.push(chunk.slice())
  }
  return Buffer.concat(chunks)
}

async function putWhole({ bucket, key, id }: Write, body: Uint8Array, ifNoneMatch?: '*'): Promise<void> {
  const command = new bucket.sdk.PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    Body: body,
    ContentLength: body.length,
    Metadata: { [writeIdName]: id },
    ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch }),
  })
  await bucket.client.send(command)
}
