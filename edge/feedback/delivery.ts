import { type FeedbackLine, feedbackKey } from '../../shared/feedback.ts'
import type { Env } from '../env.ts'

/** The events of one request, as they go through the queue. */
export interface Delivery {
  /** Of this request alone; a delivery that the queue brings twice has it twice. */
  id: string
  /** Milliseconds since 1970. */
  receivedAt: number
  lines: FeedbackLine[]
}

/**
 * The queue's consumer: stores a batch as one object of JSON lines. Where that fails the queue brings the batch again, and
 * where only the queue's notice of it is lost, the same batch is written to the same key.
 */
export async function storeBatch({ messages }: MessageBatch<Delivery>, env: Env): Promise<void> {
  if (env.FEEDBACK === undefined) throw new Error('a queue brings feedback, but no bucket FEEDBACK is bound')
  await storeDeliveries(
    env.FEEDBACK,
    messages.map(({ body }) => body),
  )
}

/** @param deliveries at least one */
export async function storeDeliveries(bucket: R2Bucket, deliveries: readonly Delivery[]): Promise<void> {
  // In an order of its own, and each once: the queue promises neither.
  const byId = new Map(deliveries.map((delivery) => [delivery.id, delivery]))
  const ids = [...byId.keys()].sort()
  const receivedAt = Math.min(...deliveries.map((delivery) => delivery.receivedAt))
  const lines = ids.flatMap((id) => byId.get(id)?.lines ?? [])
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  await bucket.put(feedbackKey(receivedAt, await digestOf(ids)), text, {
    httpMetadata: { contentType: 'application/x-ndjson' },
  })
}

async function digestOf(ids: readonly string[]): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ids.join())))
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
