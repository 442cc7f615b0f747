import { Alert, Button, FileInput, Table } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { answered, client, type Schemas } from '../api/client';
import { spaced } from '../parts/number';
import { Problem } from '../parts/problem';
import { Status } from '../parts/status';
import { text } from '../strings';

const words = text.pools.import;
const ROWS_SHOWN = 200;

type Row = Schemas['ImportedRowResponse'];

/** A file is checked first, which stores nothing. What it would do is shown before it is imported. */
export function ImportNumbers({ pool }: { pool: string }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const send = async (csv: File, dryRun: boolean) => {
    const body = await csv.text();
    return answered(
      client.POST('/v1/pools/{name}/numbers/import', {
        params: { path: { name: pool }, query: { dryRun } },
        body,
        bodySerializer: (sent) => sent,
        headers: { 'content-type': 'text/csv' },
      }),
    );
  };
  const checking = useMutation({ mutationFn: (csv: File) => send(csv, true) });
  const importing = useMutation({
    mutationFn: (csv: File) => send(csv, false),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['pool', pool] }),
  });
  function choose(chosen: File | null) {
    setFile(chosen);
    checking.reset();
    importing.reset();
  }
  function check(event: FormEvent) {
    event.preventDefault();
    if (file !== null) checking.mutate(file);
    importing.reset();
  }
  const checked = importing.data === undefined ? checking.data : undefined;
  return (
    <section className="card" aria-labelledby="import">
      <h2 id="import">{words.title}</h2>
      <p className="quiet">{words.help}</p>
      <form className="search" onSubmit={check}>
        <FileInput
          label={words.file}
          placeholder={words.choose}
          accept=".csv,text/csv"
          value={file}
          onChange={choose}
          clearable
          clearButtonProps={{ 'aria-label': words.clear }}
        />
        <Button type="submit" variant="default" disabled={file === null} loading={checking.isPending}>
          {words.check}
        </Button>
      </form>
      <div className="dialog" aria-live="polite">
        {checking.error !== null && <Problem failure={checking.error} />}
        {checked && (
          <>
            <Report of={checked} />
            <div>
              <Button
                disabled={file === null || checked.imported === 0}
                loading={importing.isPending}
                onClick={() => file && importing.mutate(file)}
              >
                {words.submit(checked.imported)}
              </Button>
            </div>
          </>
        )}
        {importing.error !== null && <Problem failure={importing.error} />}
        {importing.data && <Report of={importing.data} />}
      </div>
    </section>
  );
}

const RESULTS: readonly Row['result'][] = ['refused', 'already-there', 'imported'];
const TONES = { imported: 'green', 'already-there': 'gray', refused: 'red' } as const;

function Report({ of: report }: { of: Schemas['ImportReportResponse'] }) {
  const { dryRun, imported, alreadyThere, refused } = report;
  const rows = report.rows.toSorted((a, b) => RESULTS.indexOf(a.result) - RESULTS.indexOf(b.result) || a.line - b.line);
  const said = dryRun ? words.wouldBe : words.report;
  return (
    <>
      <Alert color={refused === 0 ? 'green' : 'yellow'}>{said(imported, alreadyThere, refused)}</Alert>
      <div className="table" tabIndex={0} role="group" aria-label={words.lines}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.line}</Table.Th>
              <Table.Th>{words.number}</Table.Th>
              <Table.Th>{words.result}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, ROWS_SHOWN).map(({ line, number, result, reason }) => (
              <Table.Tr key={line}>
                <Table.Td>{line}</Table.Td>
                <Table.Td className="number">{number === null ? '–' : spaced(number)}</Table.Td>
                <Table.Td>
                  <Status tone={TONES[result]}>{(dryRun ? words.resultsOfCheck : words.results)[result]}</Status>
                  {reason !== null && <span className="quiet line">{reason}</span>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {rows.length > ROWS_SHOWN && <p className="quiet">{words.moreLines(rows.length - ROWS_SHOWN)}</p>}
    </>
  );
}
