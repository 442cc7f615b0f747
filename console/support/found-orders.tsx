import { Alert, Button, Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import type { Schemas } from '../api/client';
import { Status, toneOf } from '../parts/status';
import { Time } from '../parts/time';
import { text } from '../strings';

const words = text.support;

interface Props {
  /** What is to be said of them all; null = nothing. */
  readonly note: string | null;
  readonly orders: readonly Schemas['FoundOrderResponse'][];
  /** The call that was looked for, by its id. */
  readonly interactions: readonly Schemas['InteractionResponse'][];
  /** Null = there are no more. */
  readonly more: (() => void) | null;
  readonly isLoading: boolean;
}

/** What a search has found. */
export function FoundOrders({ note, orders, interactions, more, isLoading }: Props) {
  return (
    <>
      {note !== null && <p>{note}</p>}
      {interactions.map(({ provider, providerCallId, at, words: sentence, tell }) => (
        <div key={`${provider} ${providerCallId}`}>
          <p>
            <Time at={at} exact />: {sentence}
          </p>
          {tell !== null && (
            <p className="tell quiet">
              {text.order.tellTheCustomer} “{tell}”
            </p>
          )}
          {orders.length === 0 && <Alert>{words.callOfNoOrder}</Alert>}
        </div>
      ))}
      {orders.length > 0 && <OrdersTable orders={orders} />}
      {more !== null && (
        <div>
          <Button variant="default" size="xs" onClick={more} loading={isLoading}>
            {text.more}
          </Button>
        </div>
      )}
      <p className="quiet">{words.audited}</p>
    </>
  );
}

function OrdersTable({ orders }: Pick<Props, 'orders'>) {
  const saysWhy = orders.some(({ people, served }) => people.length + served.length > 0);
  return (
    <>
      <h2>{words.found}</h2>
      <div className="table">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.reference}</Table.Th>
              {saysWhy && <Table.Th>{words.why}</Table.Th>}
              <Table.Th>{words.placed}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {orders.map((found) => (
              <Table.Tr key={found.order.reference}>
                <Table.Td>
                  <Link to="/orders/$reference" params={{ reference: found.order.reference }}>
                    {found.order.reference}
                  </Link>
                  <div>
                    <Status tone={toneOf(found.order.status)}>{text.orderStatus[found.order.status]}</Status>
                  </div>
                </Table.Td>
                {saysWhy && (
                  <Table.Td>
                    <Why found={found} />
                  </Table.Td>
                )}
                <Table.Td>
                  <Time at={found.order.placedAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

/** Whose phone it is, or when the number served the order. */
function Why({ found: { people, served } }: { found: Schemas['FoundOrderResponse'] }) {
  return (
    <>
      {people.map(({ role, known, joinedAt, leftAt }) => (
        <div key={`${role} ${joinedAt}`}>
          {known === 'registered' ? role : words.alternateOf(role)}
          {leftAt !== null && (
            <span className="quiet">
              {' '}
              {words.until} <Time at={leftAt} />
            </span>
          )}
        </div>
      ))}
      {served.map(({ dialler, callee, assignedAt, connectsUntil }) => (
        <div key={`${dialler} ${callee} ${assignedAt}`}>
          {words.dialledBy(dialler, callee)}{' '}
          <span className="quiet">
            <Time at={assignedAt} /> – <Time at={connectsUntil} />
          </span>
        </div>
      ))}
    </>
  );
}
