/** Whether an outcome ends the call. "Nobody was dialled" may come from an earlier step of the flow. */
export function isEnd(outcome: string, steps: string): string {
  return `(${outcome} <> 'not-dialled' OR (${outcome} = 'not-dialled' AND (SELECT count(*) FROM jsonb_object_keys(${steps})) < 2))`;
}

/** Whether the decision that connected a call said that it be recorded. */
export function wasToBeRecorded(steps: string): string {
  return `jsonb_path_exists(${steps}, '$.*.record ? (@ == true)')`;
}
