/** How an installation talks with Tringa, and Tringa with it. */
export abstract class TringaConfig {
  abstract readonly apiToken: string;
  /** Of the API, as in https://tringa.example/api */
  abstract readonly apiBase: string;
  /** With which Tringa signs its callbacks. */
  abstract readonly signingKey: string;
  /** Below which its callbacks are. */
  abstract readonly hooks: string;
}
