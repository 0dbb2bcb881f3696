import { KnownError } from './errors.ts';

/** Names under which the SDK's credential chain, and the services behind it, say that nobody is logged in. */
const NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
]);

/** What to do about an error that says that no account can be reached; undefined for any other. */
export function explainNoCredentials(error: Error): KnownError | undefined {
  // The SDK has no name of its own for it.
  if (error.message === 'Region is missing') {
    return new KnownError('no_credentials', 'No region is set. Name one with --region, or set AWS_REGION.', {
      cause: error,
    });
  }
  if (!NO_CREDENTIALS.has(error.name)) return undefined;
  return new KnownError(
    'no_credentials',
    `No valid AWS credentials: ${error.message}\nLog in (\`aws sso login\`, or keys in the environment), or name a --profile.`,
    { cause: error },
  );
}
