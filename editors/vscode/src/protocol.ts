// Fathom's own methods, as docs/PROTOCOL.md describes them.

import type { Range, Position } from "vscode-languageclient/node";

export const STATUS = "fathom/status";
export const EDIT = "fathom/edit";
export const MODELS = "fathom/models";
export const USE_MODEL = "fathom/useModel";
export const CONTEXT = "fathom/context";

export const EDIT_COMMAND = "fathom.edit";
export const UNDO_COMMAND = "fathom.undo";
export const UNDO_TURN_COMMAND = "fathom.undoTurn";

export interface Status {
  readonly state: string;
  readonly message: string;
  readonly model: string;
  /** What became of the last request for a suggestion; absent before the first. */
  readonly reason?: string;
  readonly percent?: number;
  readonly index?: { readonly phase: string; readonly files: number; readonly message: string };
}

/** The argument of the command `fathom.edit`. */
export interface EditArguments {
  readonly action: string;
  readonly uri: string;
  readonly range: Range;
  readonly version?: number;
  readonly instruction?: string;
  /** Nothing says yet what is to be done: the user is to be asked. */
  readonly ask?: boolean;
}

/** What `fathom/edit` tells while an edit is made. */
export interface EditEvent {
  readonly id: string;
  readonly uri: string;
  readonly kind: "begin" | "lines" | "again" | "end";
  readonly title?: string;
  readonly range?: Range;
  readonly lines?: readonly string[];
  readonly outcome?: string;
}

export interface Model {
  readonly name: string;
  readonly title: string;
  readonly license: string;
  /** Of the file. */
  readonly bytes: number;
  readonly here: boolean;
  /** Bytes of memory. */
  readonly needs: number;
  readonly fits: "yes" | "tight" | "no";
  readonly speed: "fast" | "usable" | "slow";
  readonly why: string;
  readonly default: boolean;
}

export interface Models {
  readonly current: string;
  readonly machine: { readonly memory: number; readonly available: number; readonly devices: readonly string[] };
  readonly models: readonly Model[];
}

/** A piece of a prompt. Lines count from 0; `end` is the line after the last. */
export interface Part {
  readonly kind: string;
  readonly path: string;
  readonly uri?: string;
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  readonly reason: string;
  readonly score?: number | null;
  /** Whether the model had read it before. */
  readonly cached?: boolean | null;
  readonly text: string;
}

export interface Sent {
  readonly purpose: string;
  readonly uri: string;
  readonly position: Position;
  readonly model: string;
  readonly budget: number;
  readonly tokens: number;
  readonly cached?: number | null;
  readonly evaluated?: number | null;
  readonly ago_ms?: number | null;
  readonly reason?: string | null;
  readonly parts: readonly Part[];
}
