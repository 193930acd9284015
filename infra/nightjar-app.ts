import { App, type AppProps, BootstraplessSynthesizer, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { NightjarStack } from './nightjar-stack.ts'

/**
 * The CDK app: one stack, bound to no account and no region, checked against AWS's own rules while it is synthesised.
 *
 * Nothing of it is an asset. So the template can be deployed by plain CloudFormation, in an account that CDK has never
 * been bootstrapped in.
 */
export function nightjarApp(props: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, ...props })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  new NightjarStack(app, 'nightjar', {
    description: 'nightjar: nightly retraining on a GPU, by AWS Batch',
    synthesizer: new BootstraplessSynthesizer(),
  })
  return app
}
