import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { credentialChecks } from '../../job/doctor/credential-checks.ts'
import { tempFolder } from '../temp-folder.ts'

const texts = async (env: Record<string, string>, home = '/none') =>
  (await credentialChecks(env, home)).map(({ mark, text }) => `${mark} ${text}`)

describe('checks of credentials', () => {
  it('note that none are there, and how to set them', async () => {
    expect(await texts({})).toEqual(['note no AWS credentials', 'note no Cloudflare credentials'])
    for (const { fix } of await credentialChecks({}, '/none')) expect(fix).toMatch(/set /)
  })

  it('find those of AWS in keys, a profile, a role of the container, a file', async () => {
    const home = await tempFolder()
    await mkdir(join(home, '.aws'))
    await writeFile(join(home, '.aws', 'credentials'), '')
    const found: [Record<string, string>, string, string?][] = [
      [{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }, 'AWS_ACCESS_KEY_ID'],
      [{ AWS_PROFILE: 'x' }, 'AWS_PROFILE'],
      [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x' }, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'],
      [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/x' }, 'AWS_WEB_IDENTITY_TOKEN_FILE'],
      [{}, 'the credentials file', home],
      [{ AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws', 'credentials') }, 'the credentials file'],
    ]
    for (const [env, text, where] of found) {
      expect((await texts(env, where))[0]).toBe(`ok AWS credentials: ${text}`)
    }
    expect((await texts({ AWS_SHARED_CREDENTIALS_FILE: '/none/of/them' }, home))[0]).toBe(
      'note no AWS credentials',
    )
  })

  it('take half a pair for none, and say which half is missing', async () => {
    expect(await texts({ AWS_ACCESS_KEY_ID: 'x', CLOUDFLARE_API_TOKEN: 'x' })).toEqual([
      'note AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY',
      'note Cloudflare credentials without CLOUDFLARE_ACCOUNT_ID',
    ])
    expect((await texts({ AWS_SECRET_ACCESS_KEY: 'x' }))[0]).toContain('without AWS_ACCESS_KEY_ID')
    expect((await texts({ CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_ACCOUNT_ID: 'x' }))[1]).toMatch(/^ok /)
  })

  it('never tell a value', async () => {
    const names = [
      ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'],
      ...['AWS_SHARED_CREDENTIALS_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
      ...['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ACCOUNT_ID'],
    ]
    // All of them, each alone, and all but one: whatever branch is taken.
    const sets = [
      names,
      ...names.map((name) => [name]),
      ...names.map((name) => names.filter((n) => n !== name)),
    ]
    for (const set of sets) {
      const env = Object.fromEntries(set.map((name) => [name, `hush-${name.toLowerCase()}`]))
      expect(JSON.stringify(await credentialChecks(env, '/none'))).not.toContain('hush')
    }
  })
})
