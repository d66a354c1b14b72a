/** A place in a text, counted from 1; columns count characters (code points), as editors do. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

/** A function from offsets (UTF-16 code units) in `text` to spots. */
export function spotter(text: string): (offset: number) => Spot {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Array.from(text.slice(starts[low], offset)).length + 1 };
  };
}

/** Text cut to what an error message should carry. */
export function clipped(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}
