/**
 * The name of the trace of a call, from the first callback to the report of its end, which come in separate requests and
 * perhaps to separate processes.
 */
export function callTrace(provider: string, providerCallId: string): string {
  return `call ${providerCallId} of ${provider}`;
}
