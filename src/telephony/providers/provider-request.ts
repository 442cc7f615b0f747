import { inSpan } from '../../platform/observability/tracing.js';

/**
 * Sends one request to a provider in a span, which says who was asked, how, and with what status it answered. The path
 * contains numbers, so it is left out.
 */
export async function asProviderRequest<Answer extends { readonly status: number }>(
  provider: string,
  method: string,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const attributes = { 'maskline.provider': provider, 'http.request.method': method };
  return inSpan(`${method} ${provider}`, { kind: 'client', attributes }, async (span) => {
    const answer = await send();
    span?.set({ 'http.response.status_code': answer.status });
    if (answer.status >= 400) span?.fail(String(answer.status));
    return answer;
  });
}
