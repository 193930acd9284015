import { RemovalPolicy } from 'aws-cdk-lib'
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { accept } from './accepted.ts'

/**
 * The token for Cloudflare's API. The secret is made without a value, which a person puts in by hand: so it is in no
 * template, and a job that starts without it fails before it trains instead of after.
 *
 * Not the L2 construct: that one always makes up a value, which Cloudflare would refuse at the end of the night.
 */
export class Secrets extends Construct {
  readonly cloudflareToken: CfnSecret

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.cloudflareToken = new CfnSecret(this, 'CloudflareToken', {
      name: 'nightjar/cloudflare-api-token',
      description: 'CLOUDFLARE_API_TOKEN of the nightly job: Workers KV Storage, edit',
    })
    this.cloudflareToken.applyRemovalPolicy(RemovalPolicy.DESTROY)
    accept(this.cloudflareToken, "Cloudflare's tokens are made and renewed at Cloudflare, not by AWS", 'SMG4')
  }
}
