import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { FileStore } from '../store/file-store.ts'
import type { Check } from './check.ts'

type Environment = Record<string, string | undefined>

/** Variables that each tell AWS's tools where credentials are. */
const awsVariables = [
  'AWS_PROFILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
]

/** Which credentials are there. Their names are told, their values never. */
export async function credentialChecks(env: Environment = process.env, home = homedir()): Promise<Check[]> {
  return [await awsCheck(env, home), cloudflareCheck(env)]
}

async function awsCheck(env: Environment, home: string): Promise<Check> {
  const found = awsVariables.filter((name) => env[name])
  const [id, secret] = [env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY].map(Boolean)
  if (id && secret) found.unshift('AWS_ACCESS_KEY_ID')
  if (await hasCredentialsFile(env, home)) found.push('the credentials file')
  const name = 'aws'
  if (found.length > 0) return { name, mark: 'ok', text: `AWS credentials: ${found.join(', ')}` }
  return {
    name,
    mark: 'note',
    text:
      id === secret
        ? 'no AWS credentials'
        : `AWS_${id ? 'ACCESS_KEY_ID' : 'SECRET_ACCESS_KEY'} is set without AWS_${id ? 'SECRET_ACCESS_KEY' : 'ACCESS_KEY_ID'}`,
    fix: 'for AWS: aws configure, or set AWS_PROFILE',
  }
}

async function hasCredentialsFile(env: Environment, home: string): Promise<boolean> {
  const file = env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials')
  try {
    return (await new FileStore(dirname(file)).size(basename(file))) !== undefined
  } catch {
    return false
  }
}

function cloudflareCheck(env: Environment): Check {
  const needed = ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ACCOUNT_ID']
  const missing = needed.filter((name) => !env[name])
  const name = 'cloudflare'
  if (missing.length === 0) return { name, mark: 'ok', text: `Cloudflare credentials: ${needed.join(', ')}` }
  return {
    name,
    mark: 'note',
    text:
      missing.length === needed.length
        ? 'no Cloudflare credentials'
        : `Cloudflare credentials without ${missing.join(', ')}`,
    fix: `for Cloudflare: set ${missing.join(' and ')}`,
  }
}
