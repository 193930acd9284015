import type { S3Client } from '@aws-sdk/client-s3'
import { loadOptional, peerInstallCommand } from '../../optional-package.ts'

export type Sdk = typeof import('@aws-sdk/client-s3')
type Environment = Record<string, string | undefined>

export const s3Package = '@aws-sdk/client-s3'

/**
 * Loads the client library, an optional peer.
 *
 * @throws NightjarError S3_PACKAGE where it is not installed
 */
export function loadSdk(load: () => Promise<Sdk> = () => import('@aws-sdk/client-s3')): Promise<Sdk> {
  return loadOptional(load, {
    package: s3Package,
    code: 'S3_PACKAGE',
    neededBy: 's3:// places',
    why: 'it is an optional peer: whoever keeps all files on local disks does without it',
  })
}

/** The command that installs the client library in the version that was tested. */
export function s3InstallCommand(): string {
  return peerInstallCommand(s3Package)
}

/** The endpoint of an S3 that is not AWS's, by the SDK's own variables. */
export function endpointOf(env: Environment = process.env): string | undefined {
  return env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined
}

/**
 * A client by the SDK's own settings: variables, profiles, roles. Where an endpoint is given, buckets go into the path,
 * for most such servers have no host name for each of them, and a missing region is no fault.
 */
export function openClient(sdk: Sdk, env: Environment = process.env): S3Client {
  const hasEndpoint = endpointOf(env) !== undefined
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || (hasEndpoint ? 'us-east-1' : undefined)
  return new sdk.S3Client({
    ...(region === undefined ? {} : { region }),
    ...(hasEndpoint ? { forcePathStyle: true } : {}),
    // A restarted gateway is back within seconds: eight tries wait for some six of them, ten at most.
    ...(env.AWS_MAX_ATTEMPTS ? {} : { maxAttempts: 8 }),
    // R2 and older Ceph do not know the newer checksums. What is sent is signed with its sha256 anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  })
}
