/** What the numbers of an output were on the pictures so far. */
export class SeenNumbers {
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;
  finite = 0;
  /** NaN, not infinite. */
  unknown = 0;
  all = 0;

  add(numbers: Float32Array): void {
    this.all += numbers.length;
    for (const number of numbers) {
      if (Number.isNaN(number)) this.unknown += 1;
      if (!Number.isFinite(number)) continue;
      this.finite += 1;
      if (number < this.least) this.least = number;
      if (number > this.most) this.most = number;
    }
  }

  /** For messages: `0.5 to 2`, `NaN`, `infinite`. */
  toString(): string {
    if (this.finite === 0) return this.unknown > 0 ? 'NaN' : 'infinite';
    const [least, most] = [this.least, this.most].map((number) => String(Number(number.toPrecision(3))));
    return least === most ? least : `${least} to ${most}`;
  }
}
