import { Alert, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { answered, client } from '../api/client';
import { messageOf } from '../parts/problem';
import { text } from '../strings';
import type { SampleOrder } from './sample-order';

const words = text.playground.order;

/** The PIN of each link, by `role other`. Empty while the pool asks for none. */
export type Pins = ReadonlyMap<string, string>;

const NONE: Pins = new Map();
export const pinOfLink = (pins: Pins, role: string, other: string): string | null =>
  pins.get(`${role} ${other}`) ?? null;

const poolKey = (name: string) => ['playground', 'pool', name] as const;

function usePool(name: string | undefined) {
  return useQuery({
    queryKey: poolKey(name ?? ''),
    queryFn: () => answered(client.GET('/v1/pools/{name}', { params: { path: { name: name! } } })),
    enabled: name !== undefined,
  });
}

/** The PINs that the participants' phones show. Those of an order that has ended stay known. */
export function usePins(order: SampleOrder | null): Pins {
  const pool = usePool(order?.pool);
  const isAsked = pool.data !== undefined && pool.data.pin !== 'off';
  const links = linksOf(order);
  const { data } = useQuery({
    queryKey: ['playground', 'pins', order?.reference, links],
    queryFn: async () =>
      new Map(
        await Promise.all(
          links.map(async ({ role, to }) => {
            const params = { path: { reference: order!.reference, role }, query: { to } };
            const { pin } = await answered(client.GET('/v1/orders/{reference}/participants/{role}/pin', { params }));
            return [`${role} ${to}`, pin] as const;
          }),
        ),
      ),
    enabled: isAsked && links.length > 0 && order?.status === 'active',
    staleTime: Infinity,
  });
  return (isAsked && data) || NONE;
}

function linksOf(order: SampleOrder | null): { role: string; to: string; number: string }[] {
  return (order?.participants ?? []).flatMap(({ role, dials }) =>
    dials.flatMap(({ to, number }) => (number === null ? [] : [{ role, to, number }])),
  );
}

/** Whether the sample order's pool asks callers from unknown phones for a PIN. It applies from the next call on. */
export function PinSwitch({ pool: name }: { pool: string }) {
  const queries = useQueryClient();
  const pool = usePool(name);
  const isAsked = pool.data && pool.data.pin !== 'off';
  // What was clicked is shown until it is done, or has failed.
  const [wished, setWished] = useState<boolean | null>(null);
  useEffect(() => setWished((wish) => (wish === isAsked ? null : wish)), [isAsked]);
  const changing = useMutation({
    mutationFn: (asks: boolean) =>
      answered(
        client.PATCH('/v1/pools/{name}', {
          params: { path: { name } },
          body: { pin: asks ? 'unknown-callers' : 'off' },
        }),
      ),
    onSuccess: (changed) => queries.setQueryData(poolKey(name), changed),
    onError: () => setWished(null),
  });
  const change = (asks: boolean) => {
    setWished(asks);
    changing.mutate(asks);
  };
  if (isAsked === undefined) return null;
  return (
    <>
      <Switch
        label={words.pins}
        description={words.pinsHelp}
        checked={wished ?? isAsked}
        disabled={changing.isPending}
        onChange={(event) => change(event.currentTarget.checked)}
      />
      {changing.error !== null && (
        <Alert color="red" role="alert">
          {messageOf(changing.error, text.playground.problems)}
        </Alert>
      )}
    </>
  );
}
