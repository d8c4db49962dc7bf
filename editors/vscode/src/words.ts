// A status in a few words for the status bar. The sentence behind it is the server's.

import type { Status } from "./protocol";

/** Why nothing came, by the reason codes of docs/PROTOCOL.md. */
const REASONS: Record<string, string> = {
  loading: "model is loading",
  "no-model": "no model",
  "model-failed": "model failed",
  excluded: "file is excluded",
  "too-large": "file too large",
  "out-of-sync": "reopen the file",
  "not-open": "file not open",
  empty: "nothing to add",
  superseded: "",
  cancelled: "",
  timeout: "took too long",
  disabled: "off",
  shown: "",
  "typed-through": "",
};

const STATES: Record<string, { readonly icon: string; readonly words: string }> = {
  starting: { icon: "loading~spin", words: "starting" },
  downloading: { icon: "cloud-download", words: "fetching the model" },
  loading: { icon: "loading~spin", words: "loading" },
  reading: { icon: "book", words: "reading" },
  generating: { icon: "sync~spin", words: "writing" },
  waiting: { icon: "history", words: "model restarts" },
  crashed: { icon: "history", words: "server restarts" },
  missing: { icon: "warning", words: "install the server" },
  stopped: { icon: "error", words: "server stopped" },
  failed: { icon: "error", words: "failed" },
  disabled: { icon: "circle-slash", words: "off" },
};

const BAD = new Set(["missing", "stopped", "failed"]);

export interface Shown {
  readonly text: string;
  readonly isBad: boolean;
}

export function inWords(status: Status): Shown {
  const state = STATES[status.state];
  if (state) {
    const percent = status.percent === undefined ? "" : ` ${status.percent}%`;
    const why = status.state === "failed" ? reasonInWords(status.reason) : "";
    return { text: `$(${state.icon}) Fathom: ${why || state.words}${percent}`, isBad: BAD.has(status.state) };
  }
  const why = reasonInWords(status.reason);
  return { text: why ? `$(circle-slash) Fathom: ${why}` : "$(sparkle) Fathom", isBad: false };
}

export function reasonInWords(reason: string | undefined): string {
  if (reason?.startsWith("filtered:")) {
    return `held back: ${reason.slice("filtered:".length).replaceAll("-", " ")}`;
  }
  return reason === undefined ? "" : (REASONS[reason] ?? reason.replaceAll("-", " "));
}
