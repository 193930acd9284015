import { NightjarError } from '../../errors.ts'
import { endpointOf } from './sdk.ts'

/** What an error of the SDK tells, as far as this file asks. */
interface S3Fault {
  name: string
  message: string
  status: number | undefined
  /** Names of the error and of those underneath, and the codes of Node's network errors. */
  signs: string[]
}

const unreachable = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH'],
  ...['ENETUNREACH', 'TimeoutError', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ...['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]
const wrongKey = ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken']

/**
 * An error of the SDK as a person can use it: what was done where, the likely cause, the fix.
 *
 * The SDK's error holds the signed request, so only its name and message go on, as the new one's cause.
 *
 * @param act what was tried, such as `read`
 * @param uri the file, or the place
 */
export function s3Error(act: string, uri: string, error: unknown): NightjarError {
  if (error instanceof NightjarError) return error
  const fault = faultOf(error)
  const cause = new Error(`${fault.name}: ${fault.message}`)
  const is = (...signs: string[]) => signs.some((sign) => fault.signs.includes(sign))
  const bucket = uri.split('/')[2]
  if (is('NoSuchBucket'))
    return new NightjarError('S3_NO_BUCKET', {
      what: `cannot ${act} ${uri}: there is no bucket ${bucket} at ${server()}`,
      why: 'a typing error, another account, or an endpoint that is not set',
      fix: 'make the bucket, or set AWS_ENDPOINT_URL_S3 for a server that is not AWS',
      cause,
    })
  if (is('NoSuchKey', 'NotFound'))
    return new NightjarError('NOT_FOUND', { what: `no such file: ${uri}`, cause })
  if (is('CredentialsProviderError', ...wrongKey))
    return new NightjarError('S3_CREDENTIALS', {
      what: `cannot ${act} ${uri}: ${is(...wrongKey) ? `the credentials are refused (${fault.name})` : 'no credentials'}`,
      why: is(...wrongKey)
        ? 'they belong to another server or account, or have expired'
        : 'neither the environment, nor a profile, nor a role gives any',
      fix: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
      cause,
    })
  if (
    /region is missing/i.test(fault.message) ||
    is('PermanentRedirect', 'AuthorizationHeaderMalformed') ||
    fault.status === 301
  )
    return new NightjarError('S3_REGION', {
      what: `cannot ${act} ${uri}: the bucket's region is needed`,
      why: 'AWS_REGION is not set, or names another region than the bucket is in',
      fix: `set AWS_REGION: aws s3api get-bucket-location --bucket ${bucket}`,
      cause,
    })
  if (is('AccessDenied', 'Forbidden') || fault.status === 403)
    return new NightjarError('S3_ACCESS_DENIED', {
      what: `cannot ${act} ${uri}: access denied by ${server()}`,
      why: 'the credentials are good, but may not do this here',
      fix: 'allow it: docs/how-to/storage.md has the smallest policy',
      cause,
    })
  if (is(...unreachable))
    return new NightjarError('S3_UNREACHABLE', {
      what: `cannot ${act} ${uri}: ${server()} does not answer (${fault.signs.find((sign) => unreachable.includes(sign))})`,
      why: 'the endpoint is wrong, the server is down, or the network lets nothing through',
      fix: 'check AWS_ENDPOINT_URL_S3, then run the same command again',
      cause,
    })
  return new NightjarError('STORE_FAILED', { what: `cannot ${act} ${uri}: ${fault.message}`, cause })
}

/** The HTTP status that an error of the SDK came with. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } }
  return $metadata?.httpStatusCode
}

/** Whether S3 answered with one of these error codes. */
export function isS3(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

function faultOf(error: unknown): S3Fault {
  const signs: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    signs.push(at.name)
    if ('code' in at && typeof at.code === 'string') signs.push(at.code)
    // Node tries every address of a name, and gathers what each of them answered.
    if (at instanceof AggregateError) signs.push(...at.errors.map(({ code }) => String(code)))
  }
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
  return { name, message, status: statusOf(error), signs }
}

/** The server, without what a URL may hold beside its host: a password, for one. */
function server(): string {
  const endpoint = endpointOf()
  if (endpoint === undefined) return 'AWS'
  return URL.canParse(endpoint) ? new URL(endpoint).host : 'the endpoint, which is no URL'
}
