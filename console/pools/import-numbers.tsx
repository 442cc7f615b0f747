import { Alert, Button, FileInput, Table } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { Problem } from '../parts/problem';
import { text } from '../strings';

const words = text.pools.import;

export function ImportNumbers({ pool }: { pool: string }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const importing = useMutation({
    mutationFn: async (csv: File) => {
      const body = await csv.text();
      return answered(
        client.POST('/v1/pools/{name}/numbers/import', {
          params: { path: { name: pool } },
          body,
          bodySerializer: (sent) => sent,
          headers: { 'content-type': 'text/csv' },
        }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['pool', pool] }),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (file !== null) importing.mutate(file);
  }
  return (
    <section className="card" aria-labelledby="import">
      <h2 id="import">{words.title}</h2>
      <p className="quiet">{words.help}</p>
      <form className="search" onSubmit={submit}>
        <FileInput
          label={words.file}
          placeholder={words.choose}
          accept=".csv,text/csv"
          value={file}
          onChange={setFile}
          clearable
          clearButtonProps={{ 'aria-label': words.clear }}
        />
        <Button type="submit" disabled={file === null} loading={importing.isPending}>
          {words.submit}
        </Button>
      </form>
      <div aria-live="polite">
        {importing.error !== null && <Problem failure={importing.error} />}
        {importing.data && <Report of={importing.data} />}
      </div>
    </section>
  );
}

function Report({ of: { imported, alreadyThere, refused, rows } }: { of: Schemas['ImportReportResponse'] }) {
  const wrong = rows.filter(({ result }) => result === 'refused');
  return (
    <>
      <Alert color={refused === 0 ? 'green' : 'yellow'}>{words.report(imported, alreadyThere, refused)}</Alert>
      {wrong.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.line}</Table.Th>
              <Table.Th>{words.why}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {wrong.map(({ line, reason }) => (
              <Table.Tr key={line}>
                <Table.Td>{line}</Table.Td>
                <Table.Td>{reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}
