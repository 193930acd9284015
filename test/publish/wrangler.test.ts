import { expect, test } from 'vitest'
import { keepingSignalHandlers } from '../../job/publish/wrangler.ts'

test('keepingSignalHandlers lets nobody else end the process at Ctrl-C, and keeps the handlers that were there', async () => {
  const ours = () => {}
  const theirs = () => process.exit(130)
  const atExit = () => {}
  process.on('SIGINT', ours)
  try {
    const during = await keepingSignalHandlers(async () => {
      process.on('SIGINT', theirs)
      process.on('SIGTERM', theirs)
      process.on('exit', atExit)
      await Promise.resolve()
      return process.listeners('SIGINT')
    })
    expect(during).not.toContain(theirs)
    expect(process.listeners('SIGINT')).toContain(ours)
    expect(process.listeners('SIGTERM')).not.toContain(theirs)
    expect(process.listeners('exit')).toContain(atExit)
    process.on('SIGTERM', ours)
    await Promise.resolve()
    expect(process.listeners('SIGTERM')).toContain(ours)
  } finally {
    process.off('SIGINT', ours)
    process.off('SIGTERM', ours)
    process.off('exit', atExit)
  }
})
