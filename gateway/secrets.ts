/** What nobody else may know. It comes from the environment or from files, never from a configuration. */
export interface GatewaySecrets {
  /** Signs tickets and passes of the waiting room, in 32 characters at least. Left out, one is made for this process or kept in the store. */
  readonly roomKey?: string | undefined;
  /** Opens the board, in 16 characters at least. Left out, there is no board. */
  readonly adminSecret?: string | undefined;
  /** CrowdHandler's private key, for hybrid mode. */
  readonly privateKey?: string | undefined;
  /** The secret key of Queue-it. */
  readonly secretKey?: string | undefined;
  /** The key of Queue-it's endpoint for configurations. */
  readonly apiKey?: string | undefined;
}
