/**
 * The SQL that takes tries, of each subject one, in the order of the subjects. A try whose instant is 0 is only needed to
 * be allowed: it does not count later. The same try again, by its id, takes no other.
 *
 * It returns `subject` and `tries`. A try was granted if `tries` contains its id.
 *
 * @param tries a query for the columns subject, tries (the instant in ms since 1970, by the try's id) and forget_at
 * @param limit.most SQL for the number of tries that a subject has within a period; may use `EXCLUDED.subject`
 */
export function takeEach(tries: string, { withinMs, most }: { withinMs: number; most: string }): string {
  return `
      INSERT INTO recent_tries AS known (subject, tries, forget_at)
      SELECT taken.* FROM (${tries}) AS taken (subject, tries, forget_at)
      ORDER BY taken.subject COLLATE "C"
      ON CONFLICT (subject) DO UPDATE
        SET forget_at = EXCLUDED.forget_at,
            tries = (SELECT CASE WHEN lately.count < ${most} AND NOT lately.is_known THEN lately.tries || EXCLUDED.tries
                                 ELSE lately.tries END
                     FROM (SELECT COALESCE(jsonb_object_agg(one.key, one.value), '{}') AS tries, count(*) AS count,
                                  COALESCE(bool_or(EXCLUDED.tries ? one.key), false) AS is_known
                           FROM jsonb_each(known.tries) AS one
                           WHERE one.value::bigint > EXTRACT(epoch FROM EXCLUDED.forget_at) * 1000 - 2 * ${withinMs}) AS lately)
      RETURNING known.subject, known.tries`;
}
