import { text } from '../strings';

interface Props {
  readonly assignable: number;
  readonly lowWater: number;
  readonly target: number;
}

/** How many numbers can be assigned, beside the low-water mark and the target. */
export function Level({ assignable, lowWater, target }: Props) {
  const most = Math.max(assignable, target, lowWater, 1);
  const share = (value: number) => (value / most) * 100;
  return (
    <svg
      className="level"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={text.overview.levelInWords(assignable, lowWater, target)}
    >
      <rect className="track" width="100" height="8" />
      <rect className={assignable < lowWater ? 'low' : 'enough'} width={share(assignable)} height="8" />
      {lowWater > 0 && <rect className="mark" x={Math.min(share(lowWater), 99.6)} width="0.4" height="8" />}
    </svg>
  );
}
