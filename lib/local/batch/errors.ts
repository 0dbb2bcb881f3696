/** What Batch answers to a request that is wrong. */
export class ClientException extends Error {
  override readonly name = 'ClientException';
}
