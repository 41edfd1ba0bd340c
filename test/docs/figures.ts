/** The numbers of a line, but for sizes such as 1242x375 and those within words; 12,009 is one number. */
export function numbersIn(line: string): number[] {
  const plain = line.replaceAll(/(?<=\d),(?=\d{3}\b)/g, '');
  return [...plain.matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d|x\d|\w)/g)].map(([text]) => Number(text));
}

/** Whether a number is `told` when it is rounded to as many decimals. */
export function roundsTo(number: number, told: string): boolean {
  const decimals = told.split('.')[1]?.length ?? 0;
  return Number(number.toFixed(decimals)) === Number(told);
}
