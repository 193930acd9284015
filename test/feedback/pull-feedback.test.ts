import { afterEach, describe, expect, test } from 'vitest'
import { CancelledError } from '../../job/errors.ts'
import type { FeedbackSource } from '../../job/feedback/feedback-source.ts'
import { pullFeedback } from '../../job/feedback/pull-feedback.ts'
import { silentProgress } from '../../job/progress.ts'
import { openStore } from '../../job/store/open-store.ts'
import { FailingStore } from '../failing-store.ts'
import { tempFolder } from '../temp-folder.ts'

/** Feedback in memory, ordered as R2 orders it. */
class MemoryFeedback implements FeedbackSource {
  readonly name = 'memory'
  readonly objects = new Map<string, string>()
  reads = 0

  async *keys(prefix: string, after = ''): AsyncGenerator<string> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
  }

  async read(key: string): Promise<Uint8Array> {
    this.reads++
    return new TextEncoder().encode(this.objects.get(key))
  }

  async close(): Promise<void> {}
}

const key = (day: string, name: string) => `feedback/${day}/051500000-${name}.jsonl`
const options = { progress: silentProgress }
let source = new MemoryFeedback()
afterEach(() => {
  source = new MemoryFeedback()
})

async function textOf(store: ReturnType<typeof openStore>, file: string): Promise<string> {
  return new TextDecoder().decode(await store.read(file))
}

describe('pullFeedback', () => {
  test('copies each object once, in order of time, a file a pull; and nothing where nothing is new', async () => {
    const out = openStore(await tempFolder())
    source.objects.set(key('2026-04-23', 'b'), 'b\n').set(key('2026-04-22', 'a'), 'a\n')
    source.objects.set('feedback/readme.txt', 'none of it')
    expect(await pullFeedback(source, out, options)).toEqual({
      file: 'feedback-00000.jsonl',
      objects: 2,
      bytes: 4,
    })
    expect(await textOf(out, 'feedback-00000.jsonl')).toBe('a\nb\n')
    expect(await pullFeedback(source, out, options)).toEqual({ file: null, objects: 0, bytes: 0 })
    // One that comes late, with an earlier name than what was pulled.
    source.objects.set(key('2026-04-22', '0'), '0\n')
    expect(await pullFeedback(source, out, options)).toMatchObject({
      file: 'feedback-00001.jsonl',
      objects: 1,
    })
    expect(await textOf(out, 'feedback-00001.jsonl')).toBe('0\n')
    expect(source.objects.size).toBe(4)
  })

  test('forgets the keys of days that are over for two weeks, and asks for no older ones', async () => {
    const out = openStore(await tempFolder())
    source.objects.set(key('2026-04-01', 'old'), 'old\n')
    await pullFeedback(source, out, options)
    source.objects.set(key('2026-04-23', 'new'), 'new\n')
    await pullFeedback(source, out, options)
    const ledger = JSON.parse(await textOf(out, 'pulled.json'))
    expect(ledger).toMatchObject({ files: 2, openSince: '2026-04-08', keys: [key('2026-04-23', 'new')] })
    source.objects.set(key('2026-04-08', 'late'), 'late\n')
    await pullFeedback(source, out, options)
    expect(await textOf(out, 'feedback-00002.jsonl')).toBe('late\n')
    expect(source.reads).toBe(3)
  })

  test('at whichever write it fails, the next pull has every object in the files, once', async () => {
    for (const failAt of [0, 1]) {
      const out = openStore(await tempFolder())
      source.objects.set(key('2026-04-22', 'a'), 'a\n')
      await expect(pullFeedback(source, new FailingStore(out, failAt), options)).rejects.toThrow()
      source.objects.set(key('2026-04-23', 'b'), 'b\n')
      await pullFeedback(source, out, options)
      const files = (await out.list()).map((file) => file.key)
      expect(files).toEqual(['feedback-00000.jsonl', 'pulled.json'])
      expect(await textOf(out, 'feedback-00000.jsonl')).toBe('a\nb\n')
      source.objects.clear()
    }
  })

  test('cancelled, it leaves nothing', async () => {
    const out = openStore(await tempFolder())
    source.objects.set(key('2026-04-22', 'a'), 'a\n')
    const cancelled = pullFeedback(source, out, { ...options, signal: AbortSignal.abort() })
    await expect(cancelled).rejects.toThrow(CancelledError)
    expect(await out.list()).toEqual([])
  })

  test('a ledger that is none is not written over', async () => {
    const out = openStore(await tempFolder())
    await out.put('pulled.json', new TextEncoder().encode('{"files":1}'))
    await expect(pullFeedback(source, out, options)).rejects.toMatchObject({ code: 'FEEDBACK_LEDGER' })
  })
})
