import type { CompletedPart } from '@aws-sdk/client-s3'
import { isS3 } from './s3-error.ts'
import { isWritten, type Write, writeIdName } from './write-id.ts'

/** Parts that go up at the same time. */
const concurrency = 4

/** An upload in parts. Nothing of it can be read before it is complete. */
export class Upload {
  readonly #write: Write
  readonly #uploadId: string
  readonly #done: CompletedPart[] = []
  readonly #running = new Set<Promise<void>>()
  #failure: { error: unknown } | undefined

  private constructor(write: Write, uploadId: string) {
    this.#write = write
    this.#uploadId = uploadId
  }

  static async begin(write: Write): Promise<Upload> {
    const { bucket, key, id } = write
    const begun = await bucket.client.send(
      new bucket.sdk.CreateMultipartUploadCommand({
        Bucket: bucket.name,
        Key: key,
        Metadata: { [writeIdName]: id },
      }),
    )
    return new Upload(write, begun.UploadId as string)
  }

  /** Takes a part, and waits while enough others are on their way. @throws what an earlier part failed with */
  async add(part: Uint8Array): Promise<void> {
    while (this.#running.size >= concurrency) await Promise.race(this.#running)
    this.#throwFailure()
    const index = this.#done.length
    this.#done.push({ PartNumber: index + 1 })
    const running = this.#send(index, part)
      .catch((error) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async complete(): Promise<void> {
    await Promise.all(this.#running)
    this.#throwFailure()
    const { bucket } = this.#write
    try {
      await bucket.client.send(
        new bucket.sdk.CompleteMultipartUploadCommand({
          ...this.#name(),
          MultipartUpload: { Parts: this.#done },
        }),
      )
    } catch (error) {
      // A completion whose answer was lost finds no upload when it is tried again.
      if (isS3(error, 'NoSuchUpload') && (await isWritten(this.#write))) return
      throw error
    }
  }

  /** Takes the parts away again. What cannot be taken away cannot be read either; the bucket's rules delete it. */
  async abort(): Promise<void> {
    // A part that came later would stay.
    await Promise.all(this.#running)
    const { bucket } = this.#write
    await bucket.client.send(new bucket.sdk.AbortMultipartUploadCommand(this.#name())).catch(() => {})
  }

  async #send(index: number, part: Uint8Array): Promise<void> {
    const { bucket } = this.#write
    const { ETag } = await bucket.client.send(
      new bucket.sdk.UploadPartCommand({
        ...this.#name(),
        PartNumber: index + 1,
        Body: part,
        ContentLength: part.length,
      }),
    )
    this.#done[index] = { PartNumber: index + 1, ...(ETag === undefined ? {} : { ETag }) }
  }

  #name() {
    return { Bucket: this.#write.bucket.name, Key: this.#write.key, UploadId: this.#uploadId }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
