import { statusOf } from './s3-error.ts'
import type { Bucket } from './s3-store.ts'

/** The metadata of an object that says which write it comes from. */
export const writeIdName = 'nightjar-write'

/** What a write is: where to, and an id of its own, by which it is known again after an answer that was lost. */
export interface Write {
  bucket: Bucket
  key: string
  id: string
}

/** Whether the object that is there is this write's. */
export async function isWritten({ bucket, key, id }: Write): Promise<boolean> {
  try {
    const command = new bucket.sdk.HeadObjectCommand({ Bucket: bucket.name, Key: key })
    return (await bucket.client.send(command)).Metadata?.[writeIdName] === id
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}
