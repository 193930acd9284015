import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { tempFolder } from './temp-folder.ts'

const wrangler = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin',
  'wrangler.js',
)

/**
 * The bindings that a deployment would have, as wrangler lists them: `env.LISTS`. Nothing is sent anywhere: the command is that of
 * docs/how-to/serve.md.
 */
async function bindingsOf(environment: string, config = 'wrangler.toml'): Promise<string[]> {
  const outDir = await tempFolder()
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [wrangler, 'deploy', '--config', config, '--env', environment, '--dry-run', '--outdir', outDir],
    {
      env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
    },
  )
  return [...stdout.matchAll(/^env\.(\w+)/gm)].map(([, name = '']) => name).sort()
}

describe('wrangler.toml', () => {
  test.each(['staging', 'production'])(
    '%s is deployed with lists and the page, and opens no histories',
    async (name) => {
      expect(await bindingsOf(name)).toEqual(['LISTS', 'PAGE'])
    },
  )

  test('local alone opens histories, and takes feedback as it stands', async () => {
    expect(await bindingsOf('local')).toEqual([
      'FEEDBACK',
      'FEEDBACK_QUEUE',
      'LISTS',
      'OPEN_HISTORIES',
      'PAGE',
    ])
  })

  test('every block that it offers in a comment can be taken as it stands', async () => {
    const text = await readFile('wrangler.toml', 'utf8')
    const [shipped = '', offered = ''] = text.split('# What else a worker may be given.')
    const taken = offered.replace(/^# (\[|\w+ = )/gm, '$1')
    const config = join(await tempFolder(), 'wrangler.toml')
    const moved = `${shipped}#${taken}`
      .replace('"edge/worker.ts"', JSON.stringify(resolve('edge/worker.ts')))
      .replace('"dist/assets"', JSON.stringify(resolve('dist/assets')))
    await writeFile(config, moved)
    expect(await bindingsOf('production', config)).toEqual([
      'CORS_ORIGINS',
      'FEEDBACK',
      'FEEDBACK_QUEUE',
      'LISTS',
      'LOG_USER_IDS',
      'METRICS',
      'PAGE',
      'RATE_LIMIT',
    ])
  })
})
