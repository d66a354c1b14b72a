import type { ScanEvent } from "../../scan/events.ts";
import { examine } from "../../scan/examine.ts";
import type { ExamineTools } from "../../scan/examine.ts";
import { gapOf } from "../../scan/gap.ts";
import type { FoundFile } from "./discovery.ts";
import { openFileSource } from "./file-source.ts";

/** Opens a file, examines it and closes it. Never throws: what goes wrong is an incomplete entry. */
export async function examineFile(
  file: FoundFile,
  tools: ExamineTools,
  emit: (event: ScanEvent) => void,
): Promise<void> {
  const { path, location, named } = file;
  const reading = { what: "recognise", id: "", path } as const;
  let source: ReturnType<typeof openFileSource>;
  try {
    source = openFileSource(location);
  } catch (error) {
    const { why } = gapOf(error, reading);
    emit({ kind: "incomplete", entry: { path, why: why.replace(/^[^:]*: /, "the file cannot be read: ") } });
    return;
  }
  try {
    await examine({ path, source, named }, tools, emit);
    if (source.changed()) {
      emit({
        kind: "incomplete",
        entry: { path, why: "the file changed while it was examined", next: "Scan it again." },
      });
    }
  } catch (error) {
    emit({ kind: "incomplete", entry: gapOf(error, reading) });
  } finally {
    source.close();
  }
}
