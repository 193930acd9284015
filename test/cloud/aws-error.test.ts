import { join } from 'node:path'
import { Batch, ListJobsCommand } from '@aws-sdk/client-batch'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { load } from '../../job/cloud/clients.ts'
import { tempFolder } from '../temp-folder.ts'
import { cloudTest } from './cloud-test.ts'
import { accessKey, secretKey, sessionToken } from './fake/fake-aws.ts'

const test = cloudTest()
const secrets = [secretKey, sessionToken]

describe('an error of the service says what, why and what to do, and no secret', () => {
  it.each([
    [
      'AccessDeniedException',
      403,
      'User: arn:aws:iam::123456789012:user/u is not authorized to perform: batch:ListJobs on resource: arn:aws:batch:x because no identity-based policy allows it',
      'AWS_ACCESS_DENIED',
      'batch:ListJobs is denied on arn:aws:batch:x',
    ],
    ['AccessDeniedException', 403, 'no words', 'AWS_ACCESS_DENIED', 'allow batch:ListJobs to them'],
    [
      'ExpiredTokenException',
      403,
      'The security token included in the request is expired',
      'AWS_EXPIRED',
      'aws sso login',
    ],
    [
      'UnrecognizedClientException',
      403,
      `The security token ${sessionToken} is invalid`,
      'AWS_CREDENTIALS',
      'aws sts get-caller-identity',
    ],
    [
      'InvalidSignatureException',
      403,
      `The Canonical String should have been x-amz-security-token:${sessionToken}`,
      'AWS_CREDENTIALS',
      'are refused (InvalidSignatureException)',
    ],
    [
      'ClientException',
      400,
      `bad value near ${secretKey}`,
      'AWS_REFUSED',
      'bad value near (AWS_SECRET_ACCESS_KEY)',
    ],
    ['TooManyRequestsException', 429, 'Rate exceeded', 'AWS_THROTTLED', 'again later'],
    ['ServerException', 500, 'broken', 'AWS_FAILED', 'after every retry'],
    ['ResourceNotFoundException', 404, 'x', 'AWS_NOT_FOUND', 'job queue nightjar is not there'],
    ['ClientException', 400, 'JobQueue nightjar not found.', 'AWS_NOT_FOUND', 'AWS_REGION'],
    ['reset', 0, '', 'AWS_UNREACHABLE', 'does not answer (ECONNRESET)'],
  ])('%s, %i: %s', async (error, status, message, code, text) => {
    test.aws.faults.push({ operation: 'ListJobs', error, status, message, times: 100 })
    const { code: exit, stdout, stderr } = await test.run('list', '--verbose')
    expect(exit).toBe(1)
    expect(stderr).toContain(`[${code}] cannot list jobs`)
    expect(stderr).toContain(text)
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret)
  })

  it('repeats what may be repeated eight times, and what is refused not at all', async () => {
    test.aws.faults.push({ operation: 'ListJobs', error: 'ServerException', status: 500, times: 100 })
    await test.run('list')
    expect(test.aws.count('ListJobs')).toBe(8)
    // At most 0.5 + 1 + 2 + ... + 20 + 20 seconds.
    expect(test.time.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(52_000)
    test.aws.faults[0].error = 'AccessDeniedException'
    test.aws.faults[0].status = 403
    await test.run('list')
    expect(test.aws.count('ListJobs')).toBe(9)
  })

  it('wrong keys are refused by the fake as by AWS', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDSOMEBODYELSE')
    const { code, stderr } = await test.run('list', '--verbose')
    expect([code, stderr]).toEqual([1, expect.stringContaining('[AWS_CREDENTIALS]')])
    for (const secret of secrets) expect(stderr).not.toContain(secret)
  })

  it('no credentials', async () => {
    const folder = await tempFolder()
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
      vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
    const { code, stderr } = await test.run('list')
    expect([code, stderr]).toEqual([1, expect.stringContaining('no credentials')])
  })

  it('no region', async () => {
    const folder = await tempFolder()
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
    const { code, stderr } = await test.run('list')
    expect([code, stderr]).toEqual([1, expect.stringContaining('[AWS_REGION]')])
  })

  it('nothing listens', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')
    const { code, stderr } = await test.run('list')
    expect([code, stderr]).toEqual([1, expect.stringContaining('does not answer (ECONNREFUSED)')])
    expect(stderr).not.toContain(accessKey)
  })

  it('a package that is not installed, with the command that installs it', async () => {
    const missing = load('@aws-sdk/client-batch', () => import('@aws-sdk/no-such-package' as string))
    await expect(missing).rejects.toMatchObject({
      code: 'AWS_PACKAGE',
      // All that these commands need, at once.
      fix: expect.stringMatching(
        /^npm install .*client-batch@\d.*client-scheduler@\d.*client-cloudwatch-logs@\d/,
      ),
    })
  })
})

describe('what a server on this machine cannot show', () => {
  afterEach(() => vi.restoreAllMocks())

  it('a name of a host that there is not, as a mistyped region gives', async () => {
    const mock = mockClient(Batch)
    mock.on(ListJobsCommand).rejects(
      Object.assign(new Error('getaddrinfo ENOTFOUND batch.eu-cental-1.amazonaws.com'), {
        code: 'ENOTFOUND',
      }),
    )
    const { code, stderr } = await test.run('list')
    mock.restore()
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('AWS_REGION or AWS_ENDPOINT_URL names what does not exist'),
    ])
  })
})
