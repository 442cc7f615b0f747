import type { Need } from './reference-model.js';

/** A search that has found nothing after so many steps gives the order the benefit of the doubt. */
const STEPS = 20_000;

/**
 * Whether numbers for these links can run out: whether there is a way to take them one after the other, links and sides
 * in any sequence and any fitting number each time, at whose end somebody finds none. Another number than the other side
 * dials comes first; failing that, the same.
 *
 * @param rooms to how many more links each number could be lent
 * @param isTaken whether a person of this role may not dial a number, as it is or rests elsewhere
 */
export function canRunDry(
  needs: readonly Need[],
  rooms: ReadonlyMap<string, number>,
  isTaken: (number: string, role: string) => boolean,
): boolean {
  const numbers = [...rooms.keys()];
  const room = new Map(rooms);
  const roles = new Set(needs.flatMap(({ sides }) => sides.map(({ from }) => from)));
  const taken = new Map([...roles].map((role) => [role, new Set(numbers.filter((number) => isTaken(number, role)))]));
  let steps = 0;

  const take = (role: string, number: string, usesRoom: boolean, then: () => boolean): boolean => {
    taken.get(role)!.add(number);
    if (usesRoom) room.set(number, room.get(number)! - 1);
    const ranDry = then();
    if (usesRoom) room.set(number, room.get(number)! + 1);
    taken.get(role)!.delete(number);
    return ranDry;
  };
  const side = (role: string, beside: string | null, then: (number: string) => boolean): boolean => {
    if ((steps += 1) > STEPS) return true;
    const isFree = (number: string) => !taken.get(role)!.has(number);
    const fitting = numbers.filter((number) => number !== beside && room.get(number)! > 0 && isFree(number));
    if (fitting.length > 0) return fitting.some((number) => take(role, number, true, () => then(number)));
    return beside !== null && isFree(beside) ? take(role, beside, false, () => then(beside)) : true;
  };
  const links = (left: readonly Need[]): boolean =>
    left.some((need) => {
      const rest = () => links(left.filter((other) => other !== need));
      const [one, other] = need.sides as [Need['sides'][number], Need['sides'][number]?];
      if (!other) return side(one.from, need.beside, rest);
      return [
        [one, other],
        [other, one],
      ].some(([first, second]) => side(first!.from, null, (number) => side(second!.from, number, rest)));
    });
  return links(needs);
}
