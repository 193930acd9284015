import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeNight } from '../../job/nightly/describe-night.ts'
import { runNight } from '../../job/nightly/nightly.ts'
import { type Progress, silentProgress } from '../../job/progress.ts'
import { MemoryKv } from '../publish/memory-kv.ts'
import { tempFolder } from '../temp-folder.ts'
import { dropRows, madeNight } from './made-night.ts'

function noteTaker(): { progress: Progress; notes: string[] } {
  const notes: string[] = []
  return { notes, progress: { ...silentProgress, note: (line) => notes.push(line) } }
}

test('a night tells where it found no file of interactions; done again, it says how to begin another', async () => {
  const folder = await tempFolder()
  const target = new MemoryKv()
  await dropRows(folder, 'monday.csv', 0, 0.8)
  await runNight(madeNight(folder, 25, { target }))

  const nowhere = join(folder, 'incomming')
  const { progress, notes } = noteTaker()
  const night = madeNight(folder, 26, { target, sources: [nowhere], progress })
  const result = await runNight(night)
  expect(result).toMatchObject({ state: { outcome: { kind: 'unchanged' } } })
  expect(notes).toContain(`nothing lies at ${nowhere}: no file of interactions, or no such place`)
  expect(describeNight(result)).toContain(`nothing lay at ${nowhere}`)
  expect(describeNight(await runNight(night))).toMatch(/nothing was done[\s\S]*next: .*--at/)
})

test('a first night without a file says so, and not that a dataset was lost', async () => {
  const folder = await tempFolder()
  const nowhere = join(folder, 'incoming')
  await expect(runNight(madeNight(folder, 25))).rejects.toMatchObject({
    code: 'NIGHT_NO_ROWS',
    message: expect.stringContaining(`no file of interactions lies at ${nowhere}`),
  })
  await expect(runNight(madeNight(folder, 25, { sources: [] }))).rejects.toMatchObject({
    code: 'NIGHT_NO_ROWS',
    message: expect.stringContaining('no --import names'),
  })
})

test('a night that goes on says that it does', async () => {
  const folder = await tempFolder()
  await dropRows(folder, 'monday.csv', 0, 0.5, 100)
  const openEngine = () => Promise.reject(new Error('the power went out'))
  const began = noteTaker()
  const first = madeNight(folder, 25, { openEngine, progress: began.progress })
  await expect(runNight(first)).rejects.toThrow('power')
  const wentOn = noteTaker()
  await expect(runNight({ ...first, progress: wentOn.progress })).rejects.toThrow('power')
  expect(began.notes[0]).not.toContain('goes on')
  expect(wentOn.notes[0]).toMatch(/begun .*; it goes on where it stood/)
})
