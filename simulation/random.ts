/**
 * Random values that are the same for the same seed on every machine: xoshiro128** (Blackman and Vigna, 2018), seeded
 * by splitmix32. Not suitable for secrets.
 */
export class Random {
  private readonly state: Uint32Array;

  constructor(seed: number) {
    let at = seed >>> 0;
    this.state = Uint32Array.from({ length: 4 }, () => {
      at = (at + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(at ^ (at >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    });
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number {
    const [a, b, c, d] = this.state as unknown as [number, number, number, number];
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const third = c ^ a;
    const fourth = d ^ b;
    this.state[1] = b ^ third;
    this.state[0] = a ^ fourth;
    this.state[2] = third ^ (b << 9);
    this.state[3] = (fourth << 11) | (fourth >>> 21);
    return result / 2 ** 32;
  }

  /** A whole number from 0 (inclusive) to `below` (exclusive). */
  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  between(from: number, to: number): number {
    return from + this.fraction() * (to - from);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A Poisson-distributed value. */
  poisson(mean: number): number {
    // A sum of Poisson values is one too, and e^-mean must not become 0.
    if (mean > 100) return this.poisson(mean / 2) + this.poisson(mean / 2);
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.fraction(); product > limit; product *= this.fraction()) count += 1;
    return count;
  }
}
