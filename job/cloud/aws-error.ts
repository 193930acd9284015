import { NightjarError } from '../errors.ts'

/** A request, as errors name it. */
export interface Request {
  /** What was tried: `submit the job`. */
  act: string
  /** Its name as permissions spell it: `batch:SubmitJob`. */
  action: string
  /** What it is about, where a "not found" can only mean that: `job queue nightjar`. */
  subject?: string
  /** The answer got lost, and doing it again would do it twice. */
  isUnknown?: boolean
}

const expired = ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'TokenRefreshRequired']
const refused = [
  ...[
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
  ],
  ...['IncompleteSignature', 'IncompleteSignatureException', 'MissingAuthenticationToken'],
  ...['MissingAuthenticationTokenException', 'InvalidAccessKeyId', 'InvalidToken'],
]
const denied = ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'NotAuthorized']
const missing = ['ResourceNotFoundException', 'NotFoundException']
const unreachable = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH'],
  ...['ENETUNREACH', 'TimeoutError', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ...['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]

/**
 * An error of the SDK as a person can use it.
 *
 * The SDK's error holds the signed request, and a refused signature is answered with the request's headers, the session
 * token among them: only its name and a cleaned message go on.
 */
export function awsError(request: Request, error: unknown): NightjarError {
  if (error instanceof NightjarError) return error
  const signs = signsOf(error)
  const is = (...names: string[]) => signs.some((sign) => names.includes(sign))
  const message = cleanMessage(error)
  const cause = new Error(`${signs[0]}: ${is(...refused) ? '(its text is kept back)' : message}`)
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } }
  const what = `cannot ${request.act}`
  if (request.isUnknown)
    return new NightjarError('OUTCOME_UNKNOWN', {
      what: `${what} for sure: the answer got lost (${networkSign(signs) ?? signs[0]})`,
      why: 'the service may have done it all the same, and doing it again would do it twice',
      fix: 'look first: nightjar list',
      cause,
    })
  if (is(...expired) || /token.*expired/i.test(message))
    return new NightjarError('AWS_EXPIRED', {
      what: `${what}: the credentials have expired`,
      why: 'temporary credentials live for some hours',
      fix: 'get new ones: aws sso login, or whatever gave the old ones',
      cause,
    })
  if (is(...refused))
    return new NightjarError('AWS_CREDENTIALS', {
      what: `${what}: the credentials are refused (${signs[0]})`,
      why: 'they belong to another account or partition, or are mistyped, or this clock is wrong',
      fix: 'check them: aws sts get-caller-identity',
      cause,
    })
  if (is('CredentialsProviderError', 'TokenProviderError'))
    return new NightjarError('AWS_CREDENTIALS', {
      what: `${what}: no credentials`,
      why: 'neither the environment, nor a profile, nor a role gives any',
      fix: 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      cause,
    })
  if (/region is missing/i.test(message))
    return new NightjarError('AWS_REGION', {
      what: `${what}: no region is set`,
      fix: "set AWS_REGION to the stack's region, such as eu-central-1",
      cause,
    })
  if (is(...denied) || $metadata?.httpStatusCode === 403) {
    const action = /perform: (\S+)/.exec(message)?.[1] ?? request.action
    const resource = /on resource: (\S+)/.exec(message)?.[1]
    return new NightjarError('AWS_ACCESS_DENIED', {
      what: `${what}: ${action} is denied${resource === undefined ? '' : ` on ${resource}`}`,
      why: 'the credentials are good, but may not do this',
      fix: `allow ${action} to them`,
      cause,
    })
  }
  if (signs.some((sign) => /thrott|toomany|limitexceeded/i.test(sign)) || $metadata?.httpStatusCode === 429)
    return new NightjarError('AWS_THROTTLED', {
      what: `${what}: AWS asks for fewer requests (${signs[0]}), after every retry`,
      why: 'the account sends more than its quota, from here or elsewhere',
      fix: 'run the same command again later',
      cause,
    })
  if (is(...missing) || /\b(not found|does not exist|doesn't exist)\b/i.test(message))
    return new NightjarError('AWS_NOT_FOUND', {
      what: `${what}: ${request.subject ?? message} is not there`,
      why: 'a typing error, another region or account, or the stack is not deployed',
      fix: 'compare AWS_REGION and AWS_PROFILE with where the stack is',
      cause,
    })
  if (is(...unreachable))
    return new NightjarError('AWS_UNREACHABLE', {
      what: `${what}: AWS does not answer (${networkSign(signs)})`,
      why: 'the network lets nothing through, or AWS_REGION or AWS_ENDPOINT_URL names what does not exist',
      fix: 'check both, then run the same command again',
      cause,
    })
  if (is('ConflictException'))
    return new NightjarError('AWS_CONFLICT', {
      what: `${what}: somebody else is changing the same thing`,
      fix: 'run the same command again',
      cause,
    })
  if (($metadata?.httpStatusCode ?? 500) < 500)
    return new NightjarError('AWS_REFUSED', { what: `${what}: ${message}`, cause })
  return new NightjarError('AWS_FAILED', {
    what: `${what}: ${message || signs[0]}`,
    why: 'the service failed, after every retry',
    fix: 'run the same command again; https://health.aws.amazon.com tells of larger troubles',
    cause,
  })
}

/** Names of an error and of those underneath, and the codes of Node's network errors. The first is the error's own. */
export function signsOf(error: unknown): string[] {
  const signs: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    signs.push(at.name)
    if ('code' in at && typeof at.code === 'string') signs.push(at.code)
    // Node tries every address of a name, and gathers what each of them answered.
    if (at instanceof AggregateError) signs.push(...at.errors.map(({ code }) => String(code)))
  }
  return signs.length === 0 ? ['Error'] : signs
}

/** The sign of the network's trouble; Node's code for it says more than the SDK's name. */
function networkSign(signs: string[]): string | undefined {
  const found = signs.filter((sign) => unreachable.includes(sign))
  return found.find((sign) => /^E[A-Z]/.test(sign)) ?? found[0]
}

/** The message in one line of bounded length, without the values of secret variables. */
function cleanMessage(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error)
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID']) {
    const value = process.env[name]
    if (value) text = text.replaceAll(value, `(${name})`)
  }
  return text.split('\n')[0].slice(0, 400)
}
