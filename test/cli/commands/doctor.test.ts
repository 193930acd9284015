import { describe, expect, it } from 'vitest'
import { callCli } from '../call-cli.ts'
import { runCli, withoutGpu } from '../run-cli.ts'

describe('nightjar doctor', () => {
  it('ends well where training on the CPU works, and says so last', async () => {
    const { code, stdout, stderr } = await runCli(['doctor'], { env: withoutGpu })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^This machine\n {2}ok {7}nightjar \d/)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('Verdict: training on the CPU works')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('fails with --gpu where no GPU works, and says what each backend lacks', async () => {
    const { code, stdout, stderr } = await callCli(['doctor', '--gpu'], { env: withoutGpu })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    for (const backend of ['tensorflow', 'webgpu']) {
      expect(stdout).toMatch(new RegExp(`^ {2}missing {2}${backend}: .+\\n(.+\\n)*? {11}fix: `, 'm'))
    }
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('Verdict: no GPU works here; training on the CPU works')
  })

  it('gives the same as JSON, and no credential in either', async () => {
    const env = {
      ...withoutGpu,
      AWS_ACCESS_KEY_ID: 'hush-1',
      AWS_SECRET_ACCESS_KEY: 'hush-2',
      AWS_PROFILE: 'hush-3',
      CLOUDFLARE_API_TOKEN: 'hush-4',
      CLOUDFLARE_ACCOUNT_ID: 'hush-5',
    }
    const json = await runCli(['doctor', '--gpu', '--json', '--verbose'], { env })
    const text = await callCli(['doctor', '--verbose'], { env })
    expect(json.code).toBe(1)
    const { groups, ...conclusion } = JSON.parse(json.stdout)
    expect(conclusion).toMatchObject({ cpu: true, gpu: false, verdict: expect.any(String) })
    const checks = groups.flatMap((group: { checks: unknown[] }) => group.checks)
    expect(checks).toContainEqual({ name: 'engine', mark: 'ok', text: 'the wasm engine is built' })
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'aws', text: 'AWS credentials: AWS_ACCESS_KEY_ID, AWS_PROFILE' }),
    )
    for (const printed of [json.stdout, json.stderr, text.stdout, text.stderr])
      expect(printed).not.toContain('hush')
  })
})
