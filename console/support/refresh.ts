import { useQueryClient } from '@tanstack/react-query';

/** Reads everything about the order again. */
export function useRefresh(reference: string): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['order', reference] });
}
