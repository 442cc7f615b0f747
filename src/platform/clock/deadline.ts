/**
 * The result of `work`, or of `late` if the work takes longer than `ms`. The work continues; its later failure is
 * ignored.
 */
export async function withDeadline<T, Late = T>(ms: number, work: Promise<T>, late: () => Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    return await Promise.race([work, deadline.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
