import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openProgress } from '../../job/cli/progress-output.ts'
import { ManualClock } from '../manual-clock.ts'

function lines(env: Record<string, string>, verbosity: 'normal' | 'quiet' = 'normal') {
  const stream = new PassThrough()
  const clock = new ManualClock('2026-11-26T02:00:00.000Z')
  const progress = openProgress(stream as unknown as NodeJS.WriteStream, clock, verbosity, env)
  progress.start('train', 10)
  progress.update(1)
  clock.advance(12_000)
  progress.update(4, 'loss 3')
  progress.end('done')
  progress.note('published', { event: 'nightly.done', versionId: 'v' })
  progress.note('a plain line')
  return String(stream.read() ?? '')
    .trim()
    .split('\n')
}

describe('progress that is no terminal', () => {
  it('prints dated lines', () => {
    expect(lines({})).toEqual([
      '2026-11-26T02:00:12Z train 4/10  18.0 s left loss 3',
      '2026-11-26T02:00:12Z train done',
      '2026-11-26T02:00:12Z published',
      '2026-11-26T02:00:12Z a plain line',
    ])
  })

  it('prints JSON lines where the environment asks for them, facts and all, also with --quiet', () => {
    const time = '2026-11-26T02:00:12.000Z'
    for (const verbosity of ['normal', 'quiet'] as const) {
      expect(lines({ NIGHTJAR_LOG: 'json' }, verbosity).map((line) => JSON.parse(line))).toEqual([
        { time: '2026-11-26T02:00:00.000Z', event: 'phase.start', phase: 'train', total: 10 },
        { time, event: 'phase.progress', phase: 'train', done: 4, total: 10, detail: 'loss 3' },
        { time, event: 'phase.end', phase: 'train', seconds: 12, message: 'done' },
        { time, event: 'nightly.done', versionId: 'v', message: 'published' },
        { time, event: 'note', message: 'a plain line' },
      ])
    }
  })

  it('prints nothing with --quiet', () => {
    expect(lines({}, 'quiet')).toEqual([''])
  })
})
