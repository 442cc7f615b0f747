export interface ConnectAnswer {
  readonly status: number;
  /** Null = nobody. */
  readonly rang: string | null;
}

/**
 * Exotel's Connect request over HTTP. Rejects if there is no answer.
 *
 * @param hooks the URL of the callbacks, with their secret
 */
export async function connectCall(
  hooks: string,
  { id, from, to }: { id: string; from: string; to: string },
): Promise<ConnectAnswer> {
  const [caller, dialled] = [from.replace('+91', '0'), to.replace('+91', '0')];
  const call = { CallSid: id, CallFrom: caller, From: caller, CallTo: dialled, To: dialled, Direction: 'incoming' };
  const answer = await fetch(`${hooks}/connect?${new URLSearchParams({ ...call, CallType: 'call-attempt' })}`);
  const text = await answer.text();
  if (answer.status !== 200) return { status: answer.status, rang: null };
  const { destination } = JSON.parse(text) as { destination: { numbers: string[] } };
  return { status: answer.status, rang: destination.numbers[0] ?? null };
}
