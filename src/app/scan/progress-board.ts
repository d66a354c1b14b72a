/**
 * A few shared bytes on which a worker thread writes what it is about to do. When it hangs or dies, main still reads there which
 * step on which file was the one. Layout: Int32 [0] number of steps begun, [1] 1 while a step runs, [2] index of the file,
 * [3] length of the text; the step's key as UTF-8 from byte 16 on.
 */
const textAt = 16;
const boardBytes = 8192;

/** What stands on a board. */
export interface BoardState {
  readonly steps: number;
  readonly running: boolean;
  readonly file: number;
  /** Key of the step that runs or ran last. */
  readonly step: string;
}

/** An empty board. */
export function newBoard(): SharedArrayBuffer {
  return new SharedArrayBuffer(boardBytes);
}

/** The worker's side. */
export function boardWriter(board: SharedArrayBuffer): {
  file(index: number): void;
  begin(step: string): void;
  end(): void;
} {
  const numbers = new Int32Array(board, 0, 4);
  const text = new Uint8Array(board, textAt);
  const encoder = new TextEncoder();
  return {
    file(index) {
      Atomics.store(numbers, 2, index);
      Atomics.add(numbers, 0, 1);
    },
    begin(step) {
      const { written } = encoder.encodeInto(step, text);
      Atomics.store(numbers, 3, written);
      Atomics.store(numbers, 1, 1);
      Atomics.add(numbers, 0, 1);
    },
    end() {
      Atomics.store(numbers, 1, 0);
    },
  };
}

/** Main's side. */
export function readBoard(board: SharedArrayBuffer): BoardState {
  const numbers = new Int32Array(board, 0, 4);
  const length = Atomics.load(numbers, 3);
  // A copy: TextDecoder refuses shared memory.
  const text = new TextDecoder().decode(new Uint8Array(board, textAt, length).slice());
  return {
    steps: Atomics.load(numbers, 0),
    running: Atomics.load(numbers, 1) === 1,
    file: Atomics.load(numbers, 2),
    step: text,
  };
}
