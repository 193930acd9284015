import { NightjarError } from '../../errors.ts'
import type { RestAnswer } from './rest-client.ts'

/** What every JSON answer of the API is wrapped in. */
export interface Envelope {
  success?: boolean
  errors?: { code?: number; message?: string }[]
  result?: { unsuccessful_keys?: string[] } | null
}

export function envelopeOf({ bytes }: RestAnswer): Envelope {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as Envelope | null) ?? {}
  } catch {
    return {}
  }
}

export function codesOf(answer: RestAnswer): number[] {
  return (envelopeOf(answer).errors ?? []).flatMap(({ code }) => (code === undefined ? [] : [code]))
}

/** The service's own words: `authentication error (10000)`. */
export function told(answer: RestAnswer): string {
  return (envelopeOf(answer).errors ?? []).map(({ code, message }) => `${message} (${code})`).join('; ')
}

/** The error for an answer that no further attempt would change. */
export function refusal(what: string, answer: RestAnswer, redact: (text: string) => string): NightjarError {
  const said = redact(`cannot ${what}: HTTP ${answer.status} ${told(answer)}`.trim())
  if (answer.status === 401 || answer.status === 403) {
    return new NightjarError('KV_FORBIDDEN', {
      what: said,
      why: 'CLOUDFLARE_API_TOKEN is wrong or has ended, or it lacks the permission Workers KV Storage: Edit on the account CLOUDFLARE_ACCOUNT_ID',
      fix: 'make a token with that permission alone: https://dash.cloudflare.com/profile/api-tokens',
    })
  }
  if (answer.status === 404) {
    return new NightjarError('KV_NAMESPACE', {
      what: said,
      why: 'the account has no such namespace, or CLOUDFLARE_ACCOUNT_ID is another account',
      fix: 'npx wrangler kv namespace list',
    })
  }
  if (codesOf(answer).includes(10048)) {
    return new NightjarError('KV_DAILY_LIMIT', {
      what: said,
      why: "the free plan's writes or deletes of the day are spent",
      fix: 'publish after 00:00 UTC, or take the paid plan',
    })
  }
  return new NightjarError('KV_REFUSED', { what: said, why: 'Cloudflare does not take this request' })
}
