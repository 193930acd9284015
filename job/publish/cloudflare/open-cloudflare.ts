import { UsageError } from '../../errors.ts'
import { CloudflareKv } from './cloudflare-kv.ts'

export interface CloudflareContext {
  signal?: AbortSignal
  note?: (line: string) => void
}

/**
 * The namespace of the account in `CLOUDFLARE_ACCOUNT_ID`, by the token in `CLOUDFLARE_API_TOKEN`.
 *
 * @throws UsageError where one is missing or is not of its form; the token is never shown
 */
export function openCloudflare(namespaceId: string, context: CloudflareContext): CloudflareKv {
  const { CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, CLOUDFLARE_API_BASE_URL } = process.env
  if (!/^\w{1,32}$/.test(namespaceId)) {
    throw new UsageError(
      `invalid namespace: ${namespaceId} (want the id that \`npx wrangler kv namespace list\` prints)`,
    )
  }
  const accountId = CLOUDFLARE_ACCOUNT_ID?.trim() ?? ''
  if (accountId === '') throw missing('CLOUDFLARE_ACCOUNT_ID')
  if (!/^\w{1,32}$/.test(accountId)) throw malformed('CLOUDFLARE_ACCOUNT_ID', '32 of 0-9 a-f')
  const token = CLOUDFLARE_API_TOKEN?.trim() ?? ''
  if (token === '') throw missing('CLOUDFLARE_API_TOKEN')
  // Anything else would be refused as a header, with an error that quotes it.
  if (!/^[\x21-\x7e]{8,}$/.test(token)) {
    throw malformed('CLOUDFLARE_API_TOKEN', 'one word of at least 8 letters, digits and signs')
  }
  return new CloudflareKv({
    namespaceId,
    accountId,
    token,
    baseUrl: baseUrlOf(CLOUDFLARE_API_BASE_URL),
    ...context,
  })
}

const howToMakeBoth =
  'export CLOUDFLARE_ACCOUNT_ID=... CLOUDFLARE_API_TOKEN=...   (docs/how-to/serve.md tells where they come from)'

const missing = (variable: string) => new UsageError(`${variable} is not set`, howToMakeBoth)

/** The value is not shown: it may be a token in the wrong place. */
const malformed = (variable: string, form: string) =>
  new UsageError(`${variable} is not of its form (want ${form})`, howToMakeBoth)

/** The token travels encrypted, but for a server on this machine. */
function baseUrlOf(text = 'https://api.cloudflare.com/client/v4'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url?.protocol === 'https:' || isHere) return text.replace(/\/+$/, '')
  throw new UsageError('invalid CLOUDFLARE_API_BASE_URL (want https://..., or http:// on this machine)')
}
