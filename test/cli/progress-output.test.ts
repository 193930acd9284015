import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openProgress, type Verbosity } from '../../job/cli/progress-output.ts'
import { ManualClock } from '../manual-clock.ts'

function lines(env: Record<string, string>, verbosity: Verbosity = 'normal') {
  const stream = new PassThrough()
  const clock = new ManualClock('2026-11-26T02:00:00.000Z')
  const progress = openProgress(stream as unknown as NodeJS.WriteStream, clock, verbosity, env)
  progress.start('train', 10, { unit: 'epochs' })
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
      '2026-11-26T02:00:12Z train 4/10  20.0 epochs/min  18.0 s left  loss 3',
      '2026-11-26T02:00:12Z train done',
      '2026-11-26T02:00:12Z published',
      '2026-11-26T02:00:12Z a plain line',
    ])
  })

  it('prints JSON lines where the environment asks for them, facts and all, also with --quiet', () => {
    const time = '2026-11-26T02:00:12.000Z'
    for (const verbosity of ['normal', 'quiet'] as const) {
      expect(lines({ NIGHTJAR_LOG: 'json' }, verbosity).map((line) => JSON.parse(line))).toEqual([
        { time: '2026-11-26T02:00:00.000Z', event: 'phase.start', phase: 'train', total: 10, unit: 'epochs' },
        {
          ...{ time, event: 'phase.progress', phase: 'train', done: 4, total: 10, detail: 'loss 3' },
          ...{ perSecond: 0.333, secondsLeft: 18 },
        },
        { time, event: 'phase.end', phase: 'train', seconds: 12, message: 'done' },
        { time, event: 'nightly.done', versionId: 'v', message: 'published' },
        { time, event: 'note', message: 'a plain line' },
      ])
    }
  })

  it('leaves a line of every phase with --verbose: how long it took, and how fast it was', () => {
    expect(lines({}, 'verbose')[1]).toBe('2026-11-26T02:00:12Z train done (12.0 s, 20.0 epochs/min)')
  })

  it('prints nothing with --quiet', () => {
    expect(lines({}, 'quiet')).toEqual([''])
  })
})

/** What a terminal of so many columns shows last, and what stays after the end. */
function terminal(columns: number, verbosity: Verbosity, doneBefore = 0) {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns })
  const clock = new ManualClock('2026-11-26T02:00:00.000Z')
  const progress = openProgress(stream as unknown as NodeJS.WriteStream, clock, verbosity, {})
  progress.start('search', 10, { unit: 'epochs', done: doneBefore })
  clock.advance(2000)
  progress.update(doneBefore + 4, 'loss 3  ndcg@10 0.1234 (epoch 4)')
  const [, , shown] = String(stream.read()).split('\r\x1b[2K')
  progress.end()
  return { shown, left: String(stream.read()).replace('\r\x1b[2K', '') }
}

describe('progress on a terminal', () => {
  it('is a bar with the speed, the time left and the metric so far', () => {
    const { shown, left } = terminal(100, 'normal')
    expect(shown).toBe(
      'search    ████████░░░░░░░░░░░░ 4/10  2.0 epochs/s  3.0 s left  loss 3  ndcg@10 0.1234 (epoch 4)',
    )
    expect(left).toBe('')
  })

  it('shortens the bar before it cuts the metric', () => {
    const { shown } = terminal(80, 'normal')
    expect(shown).toMatch(/^search {4}[█░]{5} 4\/10 .* ndcg@10 0\.1234/)
    expect(shown).toHaveLength(79)
  })

  it('counts what was done before for no speed', () => {
    expect(terminal(100, 'normal', 5).shown).toContain(' 9/10  2.0 epochs/s  500 ms left ')
  })

  it('leaves a line of every phase with --verbose', () => {
    expect(terminal(100, 'verbose').left).toBe('search    4/10 (2.0 s, 2.0 epochs/s)\n')
  })
})
