import { CallJudge, argsLimit, unknownArguments } from "./call-judge.ts";
import { cutTo, escaped } from "./describe.ts";
import type { GlobalRecord } from "./examination.ts";
import type { Handle } from "./handle.ts";
import { absent, globalIndex, isConstant, isGlobal, kindOfObject, madeAt, objectAt, objectKind } from "./handle.ts";
import { joblibGap } from "./joblib-gap.ts";
import { judgeNaming, text, unknown } from "./judgement.ts";
import type { EffectJudge, RawGap } from "./machine-port.ts";
import { judgeState } from "./state-rules.ts";
import type { Origin } from "./values.ts";

/** Methods that loading looks up on an instance, where an attribute of the instance can stand in for the class's. */
const lookedUp = { build: ["__setstate__"], append: ["extend", "append"], add: ["add"] } as const;

/** Attributes that Python code asks any object for: a function there is called by code that means no harm. */
const asked = new Set(
  (
    "__class__ __dict__ __array__ __array_interface__ __array_struct__ __array_ufunc__ __array_function__ __torch_function__ " +
    "__dataframe__ __index__ __fspath__ __len__ __iter__ __getitem__ __reduce__ __reduce_ex__ __copy__ __deepcopy__ " +
    "keys items values get pop update copy"
  ).split(" "),
);

/** Follows what loading does to values besides calling them: restores state, adds items, keeps attributes. */
export class Effects extends CallJudge implements EffectJudge {
  build(offset: number, target: Handle, state: Handle): void {
    if (isGlobal(target)) {
      const found = this.values.globals[globalIndex(target)]!;
      const why = `changes ${text(found)} itself, for everything that uses it`;
      this.record(offset, 0x62, target, { effect: "execution", severity: "high", why }, () =>
        this.describer.value(state),
      );
      return;
    }
    const origin = this.values.origin(target);
    if (origin !== undefined) {
      this.lookUp(offset, 0x62, origin, lookedUp.build, () => this.describer.value(state));
      if (origin.wraps !== undefined) this.rewrap(origin, state);
      if (origin.entry?.keep) origin.state = this.attributesOf(state);
      if (origin.entry?.state !== undefined) {
        const judgement = judgeState(
          origin.entry.state,
          this.machine,
          state,
          this.describer.value(origin.callee ?? absent),
          (value) => this.nested(value, offset, this.describer.value(origin.callee ?? absent)),
        );
        this.record(offset, 0x62, target, judgement, () => this.describer.value(state));
      }
      if (origin.judgement !== undefined && origin.judgement.severity !== "none") {
        const { severity } = origin.judgement;
        const why = `restores the state of something castellan does not know: ${origin.judgement.why}`;
        this.record(offset, 0x62, target, unknown(severity === "medium" ? "medium" : "high", why), () =>
          this.describer.value(state),
        );
      }
    }
    if (this.watching) this.setAttributes(offset, target, state);
  }

  private attributesOf(state: Handle): ReadonlyMap<string, Handle> {
    const pairs = this.machine.kind(state) === "dict" ? (this.machine.dicts.get(state) ?? []) : [];
    const attributes = new Map<string, Handle>();
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const name = isConstant(pairs[i]!) ? this.machine.constants.text(madeAt(pairs[i]!)) : undefined;
      if (name !== undefined) attributes.set(name, pairs[i + 1]!);
    }
    return attributes;
  }

  /** functools.partial takes the callable again from its state. */
  private rewrap(origin: Origin, state: Handle): void {
    const parts = this.machine.kind(state) === "tuple" ? this.machine.tuples.get(state) : undefined;
    origin.wraps = parts?.[0] ?? absent;
  }

  /** Remembers attributes that must not be called, in case loading calls them as methods later. */
  private setAttributes(offset: number, target: Handle, state: Handle): void {
    const parts = this.machine.kind(state) === "tuple" ? (this.machine.tuples.get(state) ?? [state]) : [state];
    for (const part of parts) {
      const origin = this.values.origin(part);
      if (!origin?.concern) continue;
      if (origin.attributes !== undefined) {
        const why = "restores an object from another one that has functions for attributes, which doing so may call";
        this.record(offset, 0x62, target, unknown("medium", why), () => this.describer.value(state));
      }
      const held = origin.held ?? [{ key: absent, value: part }];
      for (const { key, value } of held) this.setAttribute(offset, target, key, value);
    }
  }

  private setAttribute(offset: number, target: Handle, key: Handle, value: Handle): void {
    const holder = this.values.originOf(target);
    holder.concern = true;
    holder.attributes ??= new Map();
    const name = isConstant(key) ? this.machine.constants.text(madeAt(key)) : undefined;
    if (holder.attributes.size < 1024) holder.attributes.set(name ?? "*", value);
    if (name === undefined || !asked.has(name)) return;
    const why = `puts ${cutTo(this.describer.value(value), 200)} in the place of ${name}, which Python code asks objects for`;
    const severity = name === "__class__" || name === "__dict__" ? "high" : "medium";
    this.record(offset, 0x62, target, unknown(severity, why), () => this.describer.value(value));
  }

  /** Loading looks up a method on an instance: if an attribute took its place, that is what is called. */
  private lookUp(offset: number, opcode: number, origin: Origin, methods: readonly string[], args: () => string): void {
    if (origin.attributes === undefined) return;
    for (const method of [...methods, "*"]) {
      const callee = origin.attributes.get(method);
      if (callee === undefined) continue;
      const judgement = this.judge(callee, unknownArguments, undefined, offset);
      const why = `an attribute named ${method} makes loading call it; ${judgement.why}`;
      this.record(offset, opcode, callee, { ...judgement, why }, args);
      return;
    }
  }

  mutate(offset: number, opcode: number, target: Handle, values: Float64Array, start: number, count: number): void {
    const args = (): string =>
      cutTo(
        Array.from(values.subarray(start, start + Math.min(count, 8)), (value) => this.describer.value(value)).join(
          ", ",
        ),
        argsLimit,
      );
    if (isGlobal(target)) {
      const found = this.values.globals[globalIndex(target)]!;
      this.record(offset, opcode, target, unknown("high", `adds to ${text(found)} itself`), args);
      return;
    }
    const origin = this.values.origin(target);
    if (origin !== undefined) {
      if (opcode !== 0x73 && opcode !== 0x75) {
        this.lookUp(offset, opcode, origin, opcode === 0x90 ? lookedUp.add : lookedUp.append, args);
      }
      if (origin.judgement !== undefined && origin.judgement.severity !== "none") {
        const { severity } = origin.judgement;
        const why = `adds items to something castellan does not know: ${origin.judgement.why}`;
        this.record(offset, opcode, target, unknown(severity === "medium" ? "medium" : "high", why), args);
      }
    }
    if (this.watching) this.holdIn(target, values, start, count, opcode === 0x73 || opcode === 0x75);
  }

  hold(container: Handle, values: Float64Array, start: number, count: number): void {
    this.holdIn(container, values, start, count, kindOfObject(container) === objectKind.dict);
  }

  private holdIn(container: Handle, values: Float64Array, start: number, count: number, pairs: boolean): void {
    for (let i = 0; i < count; i++) {
      const value = values[start + i]!;
      if (value > 0 || !this.concerning(value)) continue;
      this.values.hold(container, pairs && i % 2 === 1 ? values[start + i - 1]! : absent, value);
    }
  }

  maybeText(value: Handle): boolean {
    if (isGlobal(value)) {
      const { entry } = this.values.globals[globalIndex(value)]!;
      return entry === undefined || entry.use === "never";
    }
    const origin = this.values.origin(value);
    return origin !== undefined && (origin.text || origin.concern);
  }

  persistent(offset: number, pid: Handle): Handle {
    this.ledger.addPersistent(offset, cutTo(this.describer.value(pid), argsLimit));
    const result = objectAt(offset, objectKind.object);
    const parts = pid !== absent && this.machine.kind(pid) === "tuple" ? this.machine.tuples.get(pid) : undefined;
    const first = parts?.[0];
    const kind = first !== undefined && isConstant(first) ? this.machine.constants.text(madeAt(first)) : undefined;
    // PyTorch's older format wraps a module so that its source can be compared: the module itself comes back.
    if (kind === "module" && parts?.[1] !== undefined) return parts[1];
    if (kind !== "storage") {
      this.values.setOrigin(result, { concern: true });
      this.watching = true;
    }
    return result;
  }

  gapAfter(target: Handle): RawGap | undefined {
    const origin = this.values.origin(target);
    if (!this.joblib || origin?.entry === undefined || !origin.entry.keep) return undefined;
    return joblibGap(this.machine, this.values, target);
  }

  /** The names of this run, with what calling them can do. */
  get globals(): readonly GlobalRecord[] {
    return this.values.globals.map((found) => {
      const { module, name, written, entry, offset, named, called } = found;
      const judgement = found.nameless
        ? unknown("medium", `refers to something whose name is not written in the pickle: ${name}`)
        : judgeNaming(this.catalogue, found, entry);
      return {
        offset,
        module: escaped(module),
        name: escaped(name),
        written: written === undefined ? undefined : escaped(written),
        library: entry?.library ?? this.catalogue.libraryOf(module),
        known: entry !== undefined,
        effect: judgement.effect,
        severity: judgement.severity,
        reason: judgement.why,
        named,
        called,
      };
    });
  }
}
